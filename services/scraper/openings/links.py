"""When two web addresses lead to one job."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

_TRACKING = re.compile(
    r"utm_\w+|_ga|_gl|_hs\w+|hs\w+tracking|mc_[ce]id|[gdyf]b?clid|msclkid|igshid|jclickid|trid|trk\w*|tracking_?id|tl|pvs|spread"
    r"|gh_src|lever-(?:source|origin|via)\w*(?:\[\])?|jobpipeline|iisn?|codes|cmpid|publisher|rb|rx_\w+|vq_\w+|p_[su]id"
    r"|source|src|ref|referr?er|ref_?id|referral\w*|from_?page|position|pagenum|sort_?by|nl|fr|lang|locale|previouslocale"
    r"|mode|mobile|width|height|bga|needsredirect|(?:jan|jun)1offset|_frompublish",
    re.IGNORECASE,
)
"""Parameters that say where a reader came from or how a page looks. Whatever else there is may tell which job it is."""
_APPLY = re.compile(r"(?<=.)/(?:apply|application|thanks)/?$", re.IGNORECASE)
_LOCALE = re.compile(r"^/[a-z]{2}-[a-z]{2}(?=/)", re.IGNORECASE)
_WORKDAY = re.compile(r"(?:^|\.)myworkday(?:jobs|site)\.com$")
_HOST = re.compile(r"[^\s/?#@\\]+")
_GREENHOUSE = re.compile(r"(?:boards|job-boards)(?:\.eu)?\.greenhouse\.io")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@lru_cache(maxsize=8192)
def canonical_url(url: str) -> str:
    """`url` without what does not tell jobs apart: tracking, order of parameters, scheme, `www.`, port, `/apply`, fragment.

    Identifiers such as `gh_jid` stay, as does a fragment with a number in it. What is no web address comes back as it was.
    """
    parts = _parts(url)
    if parts is None:
        return url.strip()
    host = (parts.hostname or "").removeprefix("www.")
    path = _APPLY.sub("", re.sub("/{2,}", "/", parts.path)).rstrip("/")
    if _WORKDAY.search(host):
        path = _LOCALE.sub("", path)
    asked = sorted({pair for pair in parse_qsl(parts.query) if not _TRACKING.fullmatch(pair[0])})
    fragment = parts.fragment.split("?")[0].rstrip("/")
    query, mark = urlencode(asked), fragment if re.search(r"\d{3}", fragment) else ""
    return f"https://{host}{path}{'?' if query else ''}{query}{'#' if mark else ''}{mark}"


def job_address(url: str) -> str:
    """`canonical_url`, or for Greenhouse and Ashby the number of the job, which is the same on every page it is embedded in."""
    parts = _parts(url)
    if parts is None:
        return canonical_url(url)
    asked = {name.lower(): value for name, value in parse_qsl(parts.query)}
    return _greenhouse(parts, asked) or _ashby(parts, asked) or canonical_url(url)


def _greenhouse(parts: SplitResult, asked: dict[str, str]) -> str | None:
    number = asked.get("gh_jid")
    if number is None and _GREENHOUSE.fullmatch(parts.hostname or ""):
        found = re.search(r"/jobs/(\d+)", parts.path)
        number = found[1] if found else asked.get("token")
    return f"greenhouse:{number}" if number and number.isdigit() else None


def _ashby(parts: SplitResult, asked: dict[str, str]) -> str | None:
    number = asked.get("ashby_jid") or (unquote(parts.path).strip("/") if parts.hostname == "jobs.ashbyhq.com" else "")
    found = _UUID.search(number)
    return f"ashby:{found[0].lower()}" if found else None


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - it is read to see whether it can be
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") and _HOST.fullmatch(parts.hostname or "") else None
