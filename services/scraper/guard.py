"""Where we may connect to. Boards are added by people, so an address may lead anywhere: to this machine, to a neighbour in
its network, to the service that hands out a cloud machine's keys.

A name is resolved once for each connection, every address it resolves to is checked, and the connection is made to one
of those very addresses, so a name that changes its mind between the check and the connection gains nothing. The host
that TLS and HTTP see stays the name.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore2

from shared.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port → addresses, at least one. Raises `OSError`, as the system does, for a name that is none."""

FORBIDDEN: tuple[tuple[str, tuple[Network, ...]], ...] = tuple(
    (what, tuple(ip_network(network) for network in networks.split()))
    for what, networks in {
        "this machine": "127.0.0.0/8 0.0.0.0/8 ::1/128 ::/128",
        "a private network": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "the local link": "169.254.0.0/16 fe80::/10",
        "a carrier's inner network": "100.64.0.0/10",
        "a multicast group": "224.0.0.0/4 ff00::/8",
        "a cloud's own services": "168.63.129.16/32",
        "a reserved range": (
            "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
            "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
        ),
    }.items()
)
"""IANA's special-purpose registries. Metadata services lie in link, private and carrier ranges, but for Azure's."""
PUBLIC_IPV6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
MAX_ATTEMPTS = 4
ATTEMPT_SECONDS = 5.0
"""For each address but the last, so that one family without a route does not use up the time of the other."""


class Guard:
    """`allowed` networks are exceptions: an operator's own, which nobody else can name."""

    def __init__(self, allowed: Iterable[Network] = (), resolve: Resolve | None = None) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve or system_addresses

    def check_host(self, host: str) -> None:
        """Refuse what is a number in disguise: `2130706433`, `0x7f.1`, `127.0.0.1.`; systems disagree on what they mean."""
        last = host.removesuffix(".").rpartition(".")[2]
        if NUMBER.fullmatch(last) and not is_dotted_quad(host):
            raise FetchError(f"{host[:100]} is no plain host name or address", code="fetch_forbidden", retry=False)

    def check_address(self, host: str, address: str) -> None:
        """Refuse an address that `host` must not lead to."""
        if why := self.why_not(ip_address(address.partition("%")[0])):
            ours = "; if it is meant to, name its network in JOBLARK_FETCH_ALLOW_NETWORKS"
            raise FetchError(f"{host[:100]} leads to {address}: {why}{ours}", code="fetch_forbidden", retry=False)

    def why_not(self, address: Address) -> str | None:
        """What an address belongs to, when it is not the open internet and not allowed."""
        address = embedded(address)
        if any(address in network for network in self._allowed):
            return None
        what = next((what for what, networks in FORBIDDEN if any(address in network for network in networks)), None)
        if what is None and isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
            what = "a reserved range"
        return what and f"an address of {what}"

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host`, all of them checked. Raises `FetchError` for one that is forbidden, else `OSError`."""
        self.check_host(host)
        found = await self._resolve(host, port)
        for address in found:
            self.check_address(host, address)
        return found[:MAX_ATTEMPTS]


class GuardedBackend(httpcore2.AnyIOBackend):
    """Opens connections for the HTTP client, only to addresses that the guard has seen."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            *others, last = await self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"no address is known for it ({error})") from error
        for address in others:
            try:
                return await super().connect_tcp(address, port, ATTEMPT_SECONDS, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await super().connect_tcp(last, port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore2.AsyncNetworkStream:
        raise FetchError("boards are not read from local sockets", code="fetch_forbidden", retry=False)


def guarded_pool(guard: Guard, tls: ssl.SSLContext, max_connections: int) -> httpcore2.AsyncConnectionPool:
    """Connections that the guard has seen. No proxy stands between: it would resolve names for itself."""
    backend = GuardedBackend(guard)
    return httpcore2.AsyncConnectionPool(tls, max_connections=max_connections, keepalive_expiry=30, network_backend=backend)


async def system_addresses(host: str, port: int) -> list[str]:
    """What the system's resolver says, in its order of preference; an address is itself."""
    if is_dotted_quad(host):
        return [host]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def embedded(address: Address) -> Address:
    """The IPv4 address that is reached through an IPv4-mapped or NAT64 address; any other address as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_dotted_quad(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False
