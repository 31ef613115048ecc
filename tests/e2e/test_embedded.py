"""`joblark up`: everything in one process of its own, as on a laptop."""

import asyncio
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.e2e import people
from tests.e2e.boards import backend_job, company, greenhouse
from tests.e2e.line import eventually, free_port, one_line

REST_SECONDS = 20.0
MAX_MEMORY = 250_000_000
CV = """Noor Haddad
Senior Backend Engineer, Singapore

Nine years of services in Haskell, RabbitMQ and CockroachDB.
Skills: Haskell, RabbitMQ, CockroachDB
"""


@pytest.fixture
def house(make_line, catcher):
    """A data folder of its own; no Redis is given, because it brings its own."""
    return make_line(smtp_port=catcher.port, database_url="", redis_url="")


async def test_it_answers_and_a_second_one_on_the_same_folder_is_refused(house):
    await house.started("up")
    assert "Your CV" in await get(house.url("up"))
    assert "joblark_polls_total" in await get(house.url("up", "/metrics"))
    said = one_line(house.cli("up", port=0), exit_code=1)
    assert "another joblark is already running on" in said
    assert "(data_dir_in_use)" in said
    assert await house.is_well("up")
    assert "revision" in house.ok("migrate")


async def test_commands_find_the_running_house_without_being_told_where_it_is(house):
    await house.started("up")
    rows = house.rows("doctor")
    assert [(row["what"], row["well"]) for row in rows] == [
        ("redis", True),
        ("database", True),
        ("mail server", True),
        ("secret", True),
    ]


async def test_killed_it_leaves_no_server_behind_and_comes_back_with_its_data(house, boards, catcher):
    jobs = [backend_job(number, people.GROUPS[0]) for number in range(1, 21)]
    await house.started("up")
    house.ok("subscribe", "--email", "noor@example.org", "--profile", "-", given=CV)
    house.ok("boards", "add", "greenhouse:acme", "--url", boards.put("acme", greenhouse(jobs)))
    assert [mail["state"] for mail in house.rows("digest", "send", "--now")] == ["sent"]
    family = descendants(house.running["up"].pid)
    assert any("valkey" in command(pid) for pid in family)
    house.kill("up")
    await eventually(lambda: not [pid for pid in family if lives(pid)], "a server was left behind", 20)
    await house.started("up")
    assert house.rows("boards", "list")[0]["jobs"] == 20
    assert [mail["state"] for mail in house.rows("mails", "list")] == ["sent"]
    assert [mail["state"] for mail in house.rows("digest", "send", "--now")] == ["sent"]  # the same one, not another
    assert len(catcher.arrivals) == 1


async def test_stopped_in_order_it_leaves_nothing_behind(house):
    await house.started("up")
    family = descendants(house.running["up"].pid)
    process = house.running.pop("up")
    process.terminate()
    assert process.wait(20) == 0
    assert not [pid for pid in family if lives(pid)]
    assert "Traceback" not in house.tail("up", 200)


async def test_somebody_subscribes_on_the_web_page_and_gets_a_digest(house, boards, catcher):
    jobs = [backend_job(number, people.GROUPS[0], company(number)) for number in range(1, 6)]
    house.ports["up"] = free_port()
    house.given["base_url"] = house.url("up", "")
    await house.started("up")
    house.ok("boards", "add", "greenhouse:acme", "--url", boards.put("acme", greenhouse(jobs)))
    asked = {"cv": CV, "email": "noor@example.org", "cadence": "weekly", "weekday": "0", "hour": "8", "timezone": "UTC"}
    preview = await post(house.url("up", "/preview"), asked)
    assert "haskell" in preview.lower()
    inbox = await post(house.url("up", "/subscribe"), fields(preview))
    assert "noor@example.org" in inbox
    mail = await eventually(lambda: catcher.mails_to("noor@example.org"), "no mail asks for confirmation")
    link = re.search(rf"{house.url('up', '/confirm/')}\S+", mail[0].get_body(("plain",)).get_content())
    assert link, mail[0].as_string()
    assert house.rows("subscriptions", "list")[0]["state"] == "pending"
    assert "<form" in await get(link[0])  # opening the link alone does nothing
    assert house.rows("subscriptions", "list")[0]["state"] == "pending"
    await post(link[0], {})
    assert house.rows("subscriptions", "list")[0]["state"] == "active"
    assert [(mail["state"], mail["jobs"]) for mail in house.rows("digest", "send", "--now")] == [("sent", 5)]
    digest = catcher.mails_to("noor@example.org")[-1]
    assert "Software Engineer" in digest.get_body(("plain",)).get_content()
    await _leave(house, digest["List-Unsubscribe"].strip("<>"))


async def _leave(house, link: str) -> None:
    """RFC 8058: a GET only shows a page, one POST is enough."""
    assert "<form" in await get(link)
    assert house.rows("subscriptions", "list")[0]["state"] == "active"
    await post(link, {"List-Unsubscribe": "One-Click"})
    assert house.rows("subscriptions", "list")[0]["state"] == "ended"
    assert house.rows("digest", "send", "--now") == []


async def test_at_rest_it_needs_little(house, capsys):
    house.given |= {"tick_seconds": 5, "stream_min_idle_seconds": 30}  # as anybody's house is set
    await house.started("up")
    family = [house.running["up"].pid, *descendants(house.running["up"].pid)]
    cpu, began = sum(map(cpu_seconds, family)), time.monotonic()
    await asyncio.sleep(REST_SECONDS)  # this is the measurement, not a wait
    used = (sum(map(cpu_seconds, family)) - cpu) / (time.monotonic() - began)
    memory = sum(map(proportional_memory, family))
    with capsys.disabled():
        print(f"\nat rest: {memory / 1e6:.0f} MB, {100 * used:.2f} % of a core")  # noqa: T201
    assert memory < MAX_MEMORY


# ------------------------------------------------------------------------------------------------------- what /proc says


def descendants(pid: int) -> list[int]:
    children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return [found for child in children for found in (child, *descendants(child))]


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_memory(pid: int) -> int:
    """Bytes in memory, a page that processes share counted once between them."""
    line = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


# ---------------------------------------------------------------------------------------------------- what a browser does


class _Form(HTMLParser):
    """The fields of the page's form as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind = given.get("type", "text")
        if tag == "input" and "name" in given and (kind not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((given["name"], given.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given:
            self.fields.append((self._select, given.get("value", "")))


def fields(page: str) -> list[tuple[str, str]]:
    form = _Form()
    form.feed(page)
    return form.fields


async def post(url: str, form: dict[str, str] | list[tuple[str, str]]) -> str:
    return await asyncio.to_thread(_read, Request(url, data=urlencode(form).encode()))


async def get(url: str) -> str:
    return await asyncio.to_thread(_read, Request(url))


def _read(request: Request) -> str:
    with urlopen(request, timeout=20) as answer:
        return str(answer.read().decode())
