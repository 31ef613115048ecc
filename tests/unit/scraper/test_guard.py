"""Which addresses may be connected to, however they are written and whatever they are wrapped in."""

from ipaddress import ip_address, ip_network

import pytest

from services.scraper.guard import Guard
from shared.errors import FetchError

PUBLIC = ["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.167.1.1", "169.253.1.1"]
PUBLIC_IPV6 = ["2606:4700::6810:84e5", "2a00:1450:4009::200e", "2001:200::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
INNER = {
    "this machine": ["127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
    "a private network": [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "fd00:ec2::254",
        "fec0::1",
        "::ffff:10.0.0.1",
    ],
    "the local link": ["169.254.169.254", "fe80::1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"],
    "a carrier's inner network": ["100.64.0.1", "100.127.255.255", "100.100.100.200"],
    "a multicast group": ["224.0.0.1", "239.255.255.250", "224.0.1.1", "ff02::1", "ff0e::1"],
    "a cloud's own services": ["168.63.129.16"],
    "a reserved range": [
        *("192.0.0.192", "192.0.2.7", "198.18.0.1", "198.51.100.1", "203.0.113.9", "240.0.0.1", "255.255.255.255"),
        *("192.88.99.1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "64:ff9b:1::7f00:1", "100::1"),
        *("::127.0.0.1", "::8.8.8.8", "::ffff:0:7f00:1", "4000::1", "5f00::1"),
    ],
}
ODD = [
    *("2130706433", "0x7f000001", "017700000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.01", "0X7F.0.0.1"),
    *("127.0.0.1.", "8.8.8.8.", "134744072", "1", "0", "0x", "256.256.256.256", "1.2.3.4.5", "example.0x7f", "example.1."),
]


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_IPV6)
def test_the_open_internet_may_be_read(address: str) -> None:
    assert Guard().why_not(ip_address(address)) is None


@pytest.mark.parametrize(("what", "address"), [(what, address) for what in INNER for address in INNER[what]])
def test_nothing_else_may(what: str, address: str) -> None:
    assert Guard().why_not(ip_address(address)) == f"an address of {what}"


@pytest.mark.parametrize("host", ODD)
def test_a_number_in_disguise_is_no_host(host: str) -> None:
    with pytest.raises(FetchError) as caught:
        Guard().check_host(host)
    assert (caught.value.code, caught.value.retry) == ("fetch_forbidden", False)


@pytest.mark.parametrize("host", ["example.org", "example.org.", "1and1.com", "0x7f.example", "8.8.8.8", "::1", "3m", "a.1b"])
def test_names_and_plain_addresses_are_hosts(host: str) -> None:
    Guard().check_host(host)


def test_exceptions_are_exactly_the_networks_that_are_named() -> None:
    guard = Guard([ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")])
    answers = [
        guard.why_not(ip_address(text)) is None
        for text in ("10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "fd00:1::7", "fd00:2::7")
    ]
    assert answers == [True, True, False, True, False]


async def test_one_forbidden_address_among_many_is_enough() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "10.0.0.1"]

    with pytest.raises(FetchError, match=r"boards.example leads to 10.0.0.1: an address of a private network") as caught:
        await Guard(resolve=resolve).addresses("boards.example", 443)
    assert caught.value.code == "fetch_forbidden"
    assert "JOBLARK_FETCH_ALLOW_NETWORKS" in str(caught.value)


async def test_at_most_four_addresses_are_tried() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [f"8.8.8.{n}" for n in range(1, 99)]

    assert await Guard(resolve=resolve).addresses("boards.example", 443) == ["8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4"]


async def test_an_address_with_a_zone_is_looked_at_without_it() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["fe80::1%eth0"]

    with pytest.raises(FetchError, match="the local link"):
        await Guard(resolve=resolve).addresses("boards.example", 443)
