"""A chat in place of mail, as an Apprise URL: `slack://…`, `tgram://…`, `discord://…`. It holds a token: a secret. Pure."""

import re
from collections.abc import Iterable

from shared.errors import UnreadableInput

_URL = re.compile(r"([a-z][a-z0-9]{1,20})://[!-~]{1,480}", re.IGNORECASE)


def schemes(allowed: str) -> tuple[str, ...]:
    """`JOBLARK_CHANNELS` as words."""
    return tuple(word.strip().lower() for word in allowed.split(",") if word.strip())


def checked_channel(url: str, allowed: Iterable[str]) -> str:
    """`url` if it is one line of an allowed scheme; the empty one is mail. Raises `UnreadableInput`, which never repeats it."""
    found = _URL.fullmatch(url)
    if url and (found is None or found[1].lower() not in allowed):
        known = ", ".join(f"{scheme}://…" for scheme in allowed)
        raise UnreadableInput(
            f"this is no address of a chat that may be written to: {known or 'none may'}", code="channel_invalid"
        )
    return url
