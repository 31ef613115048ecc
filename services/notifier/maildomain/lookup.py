"""Asking name servers. No such name and no such record are answers: nothing. No answer at all is an error."""

from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver
import dns.reversename

from shared.errors import NotReady, UnreadableInput

SECONDS = 5.0
MAX_RECORDS = 50


class Lookup(Protocol):
    """What checks ask. Each raises `NotReady` (`dns_unreachable`) when no name server answers."""

    async def txt(self, name: str) -> list[str]:
        """TXT records, the strings of each joined (RFC 7208 3.3)."""
        ...

    async def addresses(self, name: str) -> list[str]:
        """A and AAAA."""
        ...

    async def mail_servers(self, name: str) -> list[str]:
        """MX, best first; an empty name is a domain that takes no mail (RFC 7505)."""
        ...

    async def names(self, address: str) -> list[str]:
        """PTR."""
        ...


class Dns:
    """The name servers of this machine, or `server` (`192.0.2.1` or `192.0.2.1:5353`)."""

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=not server)
        self._resolver.lifetime = SECONDS
        if server:
            host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
            if not port.isdigit():
                reason = f"{server!r} is no name server: write 192.0.2.1 or 192.0.2.1:5353"
                raise UnreadableInput(reason, code="dns_server_invalid")
            self._resolver.nameservers, self._resolver.port = [host], int(port)

    async def txt(self, name: str) -> list[str]:
        return [b"".join(record.strings).decode("utf-8", "replace") for record in await self._ask(name, "TXT")]

    async def addresses(self, name: str) -> list[str]:
        return [record.address for kind in ("A", "AAAA") for record in await self._ask(name, kind)]

    async def mail_servers(self, name: str) -> list[str]:
        records = sorted(await self._ask(name, "MX"), key=lambda record: record.preference)
        return [record.exchange.to_text(omit_final_dot=True).removesuffix(".").lower() for record in records]

    async def names(self, address: str) -> list[str]:
        found = await self._ask(dns.reversename.from_address(address).to_text(), "PTR")
        return [record.target.to_text(omit_final_dot=True).lower() for record in found]

    async def _ask(self, name: str, kind: str) -> list[Any]:  # each kind of record has a class of its own
        try:
            answer = await self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            reason = f"no name server says what {kind} {name} is: {type(error).__name__}"
            raise NotReady(reason, code="dns_unreachable") from None
        return list(answer)[:MAX_RECORDS]
