# One image, several processes: `joblark run scraper|matcher|notifier|web`, `joblark migrate`, `joblark up` for all in one.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/uv.txt requirements/
RUN pip install --no-cache-dir --quiet --root-user-action=ignore --require-hashes -r requirements/uv.txt \
 && python -m venv --without-pip /opt/joblark
# What we depend on changes rarely: a layer of its own, so that a change of our code rebuilds in seconds.
COPY requirements/run.txt requirements/
RUN uv pip install --quiet --python /opt/joblark --no-cache --compile-bytecode --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
RUN uv pip install --quiet --python /opt/joblark --no-cache --compile-bytecode --no-deps --no-build-isolation .

FROM python:3.13-slim
# Both folders exist, and are ours, before a volume is mounted there: a new volume takes its owner from them.
RUN useradd --system --uid 10001 --home-dir /var/lib/joblark --create-home joblark \
 && install -d -o joblark -m 0700 /run/joblark
COPY --from=build /opt/joblark /opt/joblark
ENV PATH=/opt/joblark/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    JOBLARK_HOST=0.0.0.0 \
    JOBLARK_DATA_DIR=/var/lib/joblark
USER joblark
WORKDIR /var/lib/joblark
EXPOSE 8000
ENTRYPOINT ["joblark"]
CMD ["--help"]
