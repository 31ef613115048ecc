"""SPF as receivers read it: the examples follow the sections of RFC 7208."""

from ipaddress import ip_address

import pytest

from services.notifier.maildomain.spf import MOST_LOOKUPS, check_host

LEAVES = "192.0.2.7"


class Told:
    """Name servers that say what a test tells them."""

    def __init__(self, **txt: str | list[str]) -> None:
        self.texts = {name.replace("_", "."): [text] if isinstance(text, str) else text for name, text in txt.items()}
        self.hosts = {"example.org": [LEAVES], "mx.example.org": ["2001:db8::7", LEAVES], "far.example.org": ["198.51.100.1"]}

    async def txt(self, name: str) -> list[str]:
        return self.texts.get(name, [])

    async def addresses(self, name: str) -> list[str]:
        return self.hosts.get(name, [])

    async def mail_servers(self, name: str) -> list[str]:
        return {"example.org": ["mx.example.org"]}.get(name, [])

    async def names(self, address: str) -> list[str]:
        return []


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", "pass"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:192.0.3.0/24 -all", "fail"),
        ("v=spf1 ip4:192.0.3.0/24 ~all", "softfail"),
        ("v=spf1 ip4:192.0.3.0/24", "neutral"),
        ("v=spf1 -ip4:192.0.2.7 +all", "fail"),
        ("v=spf1 a -all", "pass"),
        ("v=spf1 a:far.example.org -all", "fail"),
        ("v=spf1 a:far.example.org/0 -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("V=SPF1 MX -ALL", "pass"),
        ("v=spf1 mx/24//64 -all", "pass"),
        ("v=spf1 mx:nowhere.example -all", "fail"),
        ("v=spf1 include:other.example -all", "pass"),
        ("v=spf1 redirect=other.example", "pass"),
        ("v=spf1 exp=why.example.org ip4:192.0.2.7 -all", "pass"),
        ("v=spf1 include:none.example -all", "permerror"),
        ("v=spf1 ip4:nonsense -all", "permerror"),
        ("v=spf1 ip5:1 -all", "permerror"),
        ("v=spf1 include:%{i}.example -all", "unknown"),
        ("v=spf1 ptr -all", "unknown"),
        ("v=spf10 +all", "permerror"),
    ],
)
async def test_a_record_is_read_as_a_receiver_reads_it(record: str, result: str) -> None:
    lookup = Told(example_org=record, other_example="v=spf1 ip4:192.0.2.7 -all")
    assert (await check_host(LEAVES, "example.org", lookup)).result == result


async def test_two_records_are_none() -> None:
    verdict = await check_host(LEAVES, "example.org", Told(example_org=["v=spf1 +all", "v=spf1 -all", "other"]))
    assert (verdict.result, "2 SPF records" in verdict.why) == ("permerror", True)


async def test_more_lookups_than_receivers_make_are_an_error() -> None:
    chain = {f"n{n}_example": f"v=spf1 include:n{n + 1}.example -all" for n in range(30)}
    verdict = await check_host(LEAVES, "n0.example", Told(**chain))
    assert (verdict.result, verdict.lookups) == ("permerror", MOST_LOOKUPS + 1)


async def test_a_record_that_includes_itself_ends() -> None:
    assert (await check_host(LEAVES, "a.example", Told(a_example="v=spf1 include:a.example -all"))).result == "permerror"


async def test_addresses_of_one_family_say_nothing_of_the_other() -> None:
    six = str(ip_address("2001:db8::7"))
    lookup = Told(example_org="v=spf1 ip4:0.0.0.0/0 mx//64 -all")
    verdict = await check_host(six, "example.org", lookup)
    assert (verdict.result, verdict.why) == ("pass", "mx//64")
