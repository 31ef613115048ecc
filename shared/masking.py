"""What a mail server said, fit for a log or a table: on one line, bounded, and without anybody's address. Pure."""

import re

LONGEST = 300
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,320}@[^\s<>()\"',;@]{1,255}")
_MASK = "[address]"


def masked(text: str, *addresses: str) -> str:
    """`text` without addresses; `addresses` also go when only their part before the @ is named, as in `user ada unknown`."""
    line = text[: LONGEST * 8].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    line = _ADDRESS.sub(_MASK, " ".join("".join(c if c.isprintable() else " " for c in line).split()))
    for local in {address.rpartition("@")[0] for address in addresses} - {""}:
        line = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", _MASK, line, flags=re.IGNORECASE)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
