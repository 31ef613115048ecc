"""Checks of what name servers say: who may send for the domain, with which key, and what becomes of who may not."""

from ipaddress import ip_address

from services.notifier.dkim import Signer, signers
from services.notifier.maildomain import spf, verify
from services.notifier.maildomain.finding import Finding, green, red, yellow
from services.notifier.maildomain.setup import Setup


async def identity(setup: Setup) -> list[Finding]:
    what, settings = "identity", setup.settings
    if setup.domain.endswith((".invalid", ".example", ".localhost", ".test")):
        found = f"mail comes from {setup.domain}, which nobody can own"
        return [red(what, found, "set JOBLARK_MAIL_FROM to a sender of your domain")]
    if not settings.mail_postal:
        found = f"mail comes from {setup.domain}, without a postal line"
        return [yellow(what, found, "set JOBLARK_MAIL_POSTAL: many laws ask for one")]
    return [green(what, f"mail comes from {setup.domain}")]


async def mx(setup: Setup) -> list[Finding]:
    return [await _takes_mail(setup, domain) for domain in sorted({setup.domain, setup.return_domain})]


async def _takes_mail(setup: Setup, domain: str) -> Finding:
    what = f"MX {domain}"
    servers = await setup.lookup.mail_servers(domain)
    if servers == [""]:
        return red(what, "it says that it takes no mail", "remove the null MX: receivers refuse who cannot be answered")
    if servers:
        return green(what, ", ".join(servers[:3]))
    if await setup.lookup.addresses(domain):
        return yellow(what, "none; mail goes to its address itself", "publish an MX record, so that bounces come back")
    return red(what, "none, and no address", "publish an MX record: receivers refuse who cannot be answered")


async def sender_policy(setup: Setup) -> list[Finding]:
    what = f"SPF {setup.return_domain}"
    addresses, known = await setup.addresses()
    if not addresses:
        verdict = await spf.check_host("192.0.2.1", setup.return_domain, setup.lookup)
        if verdict.result == "permerror":
            return [red(what, verdict.why, f'publish one TXT record at {setup.return_domain}: "v=spf1 … -all"')]
        return [yellow(what, "published; where our mail leaves from is not known", "set JOBLARK_MAIL_IPS to have it tried")]
    verdicts = {address: await spf.check_host(address, setup.return_domain, setup.lookup) for address in addresses}
    return [_judged(what, address, verdict, known) for address, verdict in verdicts.items()]


def _judged(what: str, address: str, verdict: spf.Verdict, known: bool) -> Finding:
    found = f"{verdict.result} for {address} ({verdict.why}; {verdict.lookups} lookups)"
    if verdict.result == "pass" and verdict.why.lstrip("+") == "all":
        return red(what, f"{found}: anybody may send in your name", "end the record with -all")
    if verdict.result == "pass":
        return green(what, found)
    if verdict.result == "unknown":
        return yellow(what, found, "the record uses macros or ptr, which are not tried here")
    if not known and verdict.result != "permerror":
        return yellow(what, found, "that server takes our mail; if others pass it on, set JOBLARK_MAIL_IPS to theirs")
    return red(what, found, f"add ip4:{address} or your provider's include: to the SPF record")


async def dkim(setup: Setup) -> list[Finding]:
    keys = signers(setup.settings)
    if not keys:
        return [red("DKIM", "mail is not signed", "run: joblark dkim create SELECTOR, then publish what it prints")]
    return [await _published(setup, key) for key in keys]


async def _published(setup: Setup, key: Signer) -> Finding:
    what = f"DKIM {key.selector}"
    found = [verify.tags(record) for record in await setup.lookup.txt(key.name)]
    ours = verify.tags(key.record)
    if not found:
        return red(what, f"nothing is published at {key.name}", "publish what `joblark dkim show` prints; give it an hour")
    if len(found) > 1 or found[0].get("p") != ours["p"]:
        return red(what, f"what {key.name} says is not our key", "publish what `joblark dkim show` prints, and only that")
    if "y" in found[0].get("t", "").split(":"):
        return yellow(what, "published, and marked as a test", "remove t=y: receivers may ignore the signature")
    return green(what, f"published at {key.name}")


async def dmarc(setup: Setup) -> list[Finding]:
    what = f"DMARC {setup.domain}"
    organisation, record = await _policy(setup)
    if record is None:
        advice = f'publish a TXT record at _dmarc.{setup.domain}: "v=DMARC1; p=none; rua=mailto:…"'
        return [red(what, "no policy; Gmail, Yahoo and Outlook refuse bulk mail without one", advice)]
    strict = {name for name in ("adkim", "aspf") if record.get(name) == "s"}
    aligned = {
        "adkim": any(_aligned(key.domain, setup.domain, organisation, "adkim" in strict) for key in signers(setup.settings)),
        "aspf": _aligned(setup.return_domain, setup.domain, organisation, "aspf" in strict),
    }
    if not aligned["adkim"]:
        return [
            red(
                what,
                "DKIM signs for another domain than the From line's",
                "set JOBLARK_DKIM_DOMAIN to that of JOBLARK_MAIL_FROM",
            )
        ]
    if not aligned["aspf"]:
        found = "bounces go to another domain, so SPF is not aligned"
        return [yellow(what, found, "set JOBLARK_MAIL_RETURN_PATH to an address of your domain")]
    return [green(what, f"p={record.get('p', 'none')}, DKIM and SPF aligned")]


async def _policy(setup: Setup) -> tuple[str, dict[str, str] | None]:
    """The domain whose policy holds, and the policy: the nearest at or above the From domain (DMARCbis tree walk)."""
    labels = setup.domain.split(".")
    for start in range(max(0, len(labels) - 8), len(labels) - 1):
        domain = ".".join(labels[start:])
        found = [record for record in await setup.lookup.txt(f"_dmarc.{domain}") if record.lower().startswith("v=dmarc1")]
        if len(found) == 1:
            return domain, verify.tags(found[0])
    return setup.domain, None


def _aligned(domain: str, sender: str, organisation: str, strict: bool) -> bool:
    """RFC 7489 3.1: the same domain, or, unless it is strict, the same organisation's."""
    if strict:
        return domain == sender
    return all(name == organisation or name.endswith(f".{organisation}") for name in (domain, sender)) or domain == sender


async def ptr(setup: Setup) -> list[Finding]:
    addresses, known = await setup.addresses()
    if not addresses:
        return [yellow("PTR", "where our mail leaves from is not known", "set JOBLARK_MAIL_IPS to have it tried")]
    return [await _named(setup, address, known) for address in addresses]


async def _named(setup: Setup, address: str, known: bool) -> Finding:
    """Gmail and others refuse a server whose name does not lead back to it."""
    what, names = f"PTR {address}", await setup.lookup.names(address)
    ours = ip_address(address)
    for name in names[:5]:
        if any(ip_address(found) == ours for found in await setup.lookup.addresses(name)):
            return green(what, name)
    found = f"{names[0]} does not lead back to it" if names else "it has no name"
    judge = red if known else yellow
    return judge(what, found, "have whoever runs the address give it a name, and that name this address")
