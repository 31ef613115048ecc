"""Sender Policy Framework (RFC 7208): may mail with this return path come from this address?

All of `check_host` but macros and the deprecated `ptr`: where a record needs those to decide, the result is `unknown`.
"""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from services.notifier.maildomain.lookup import Lookup

MOST_LOOKUPS = 10
"""RFC 7208 4.6.4: receivers stop there, and count it as an error."""
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(r"(?P<name>[a-z0-9]+)(?::(?P<value>[^/\s]+))?(?P<length>/[0-9/]+)?")
_ASKING = ("include", "a", "mx", "exists", "ptr")


class _Permanent(Exception):
    """The record is wrong."""


class _Unknown(Exception):
    """The record needs what is not done here."""


@dataclass
class Verdict:
    """`result` as RFC 7208 2.6 names them, or `unknown`; `why` in a few words; how many lookups it took."""

    result: str
    why: str = ""
    lookups: int = 0


@dataclass
class _Evaluation:
    address: str
    lookup: Lookup
    lookups: int = field(default=0)

    async def of(self, domain: str) -> tuple[str, str]:
        """Result and the term that decided it."""
        terms = (await record_of(domain, self.lookup)).split()[1:]
        for term in terms:
            if "=" in term.split(":")[0].split("/")[0]:
                continue  # a modifier
            sign, mechanism = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
            if await self._matches(mechanism.lower(), domain):
                return _RESULTS[sign], term
        redirect = next((term[9:] for term in terms if term.lower().startswith("redirect=")), "")
        if redirect:
            self._count()
            return await self.of(_plain(redirect))
        return "neutral", "no mechanism matches"

    async def _matches(self, mechanism: str, domain: str) -> bool:
        term = _TERM.fullmatch(mechanism)
        if term is None:
            raise _Permanent(f"cannot read {mechanism[:40]!r}")
        name, value = term["name"], term["value"] or ""
        if name in _ASKING:
            self._count()
        if name in ("ip4", "ip6"):
            return self._within([value + (term["length"] or "")])
        if name == "include":
            return (await self.of(_plain(value)))[0] == "pass"
        if name in ("a", "mx"):
            return self._within(await self._hosts(name, _plain(value or domain)), term["length"] or "")
        if name in ("exists", "ptr"):
            raise _Unknown(mechanism)
        if name != "all":
            raise _Permanent(f"unknown mechanism {mechanism[:40]!r}")
        return True

    async def _hosts(self, name: str, domain: str) -> list[str]:
        hosts = [domain] if name == "a" else (await self.lookup.mail_servers(domain))[:MOST_LOOKUPS]
        return [address for host in hosts if host for address in await self.lookup.addresses(host)]

    def _within(self, networks: list[str], length: str = "") -> bool:
        """`length` as in `a/24//64`: bits of IPv4, then of IPv6 (RFC 7208 5)."""
        ours = ip_address(self.address)
        short, _, long = length.removeprefix("/").partition("//") if not length.startswith("//") else ("", "", length[2:])
        bits = short if ours.version == 4 else long
        try:
            every = [ip_network(network, strict=False) for network in networks]
            known = [network for network in every if network.version == ours.version]
            known = [network.supernet(new_prefix=int(bits)) for network in known] if bits else known
        except ValueError:
            raise _Permanent(f"no network: {', '.join(networks)[:60]}") from None
        return any(ours in network for network in known)

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Permanent(f"more than {MOST_LOOKUPS} lookups")


async def check_host(address: str, domain: str, lookup: Lookup) -> Verdict:
    """What a receiver makes of mail from `address` whose return path is in `domain`."""
    evaluation = _Evaluation(address, lookup)
    try:
        result, why = await evaluation.of(domain)
    except _Permanent as error:
        return Verdict("permerror", str(error), evaluation.lookups)
    except _Unknown as error:
        return Verdict("unknown", str(error), evaluation.lookups)
    return Verdict(result, why, evaluation.lookups)


async def record_of(domain: str, lookup: Lookup) -> str:
    """The one SPF record of a domain (RFC 7208 4.5)."""
    found = [text for text in await lookup.txt(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        raise _Permanent(f"{domain} has {len(found) or 'no'} SPF records, and needs one")
    return found[0]


def _plain(domain: str) -> str:
    if "%" in domain:
        raise _Unknown(domain)
    return domain
