"""The dearest answers that bytes can make: processor seconds and memory of every adapter on every bomb. Bar: 1 s, 200 MB."""

import time
import tracemalloc
from contextlib import suppress

from services.scraper.sources import source, sources
from shared.errors import UnreadableInput
from tests.unit.scraper.test_sources_fuzz import BOMBS


def cost(name: str, body: bytes) -> tuple[float, float]:
    """Processor seconds, then megabytes at the peak of a second run: tracing memory takes time."""
    start = time.process_time()
    with suppress(UnreadableInput):
        source(name).parse(body, source(name).example or "acme")
    seconds = time.process_time() - start
    tracemalloc.start()
    with suppress(UnreadableInput):
        source(name).parse(body, source(name).example or "acme")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak / 1e6


def main() -> None:
    costs = {(name, bomb): cost(name, body) for name in sources() for bomb, body in BOMBS.items()}
    for unit, column in (("s", 0), ("MB", 1)):
        dearest = sorted(costs, key=lambda pair: -costs[pair][column])[:3]
        for name, bomb in dearest:
            print(f"{costs[name, bomb][column]:8.2f} {unit:3} {name}: {bomb}")


if __name__ == "__main__":
    main()
