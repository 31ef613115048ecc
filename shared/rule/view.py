"""What rules are asked about a posting, worked out once per posting and only when asked for."""

import re
import unicodedata
from datetime import datetime
from functools import cached_property

from shared.posting import Posting
from shared.reading.company import company_key
from shared.reading.skills import parents

_ACCENT = re.compile("[\u0300-\u036f]")
_TOKEN = re.compile(r"[^\W_]+(?:\+\+|#)?")
_UNSPACED = re.compile("([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")
"""Thai, Chinese, Japanese and Korean put no spaces between words: there every character counts as one."""


class PostingView:
    """A posting as predicates see it. `now` is when the rule is asked, `first_seen_at` when the posting came to us.

    Without `now` an age is unknown. `first_seen_at` is what is known of a posting that gives no date: it is no younger.
    """

    def __init__(self, posting: Posting, now: datetime | None = None, first_seen_at: datetime | None = None) -> None:
        self.posting, self.facts = posting, posting.facts
        self.now, self.first_seen_at = now, first_seen_at
        self.has_text = bool(posting.description.strip())

    @cached_property
    def title_words(self) -> str:
        """The words of the title between single spaces, which also stand at both ends."""
        return word_line(self.posting.title)

    @cached_property
    def text_words(self) -> str:
        """The words of title and description, as `title_words`; two spaces between them, which no phrase reaches across."""
        return self.title_words + word_line(self.posting.description)

    @cached_property
    def skills(self) -> frozenset[str]:
        """The skills it names, and the wider ones they rest on: Spring Boot is Java, too."""
        found = {mention.skill for mention in self.facts.skills}
        waiting = list(found)
        while waiting:
            fresh = set(parents(waiting.pop())) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    @cached_property
    def company(self) -> str | None:
        """What all ways to write the company's name have in common."""
        return company_key(self.posting.company) or None


def word_line(text: str) -> str:
    """The words of `text` in lower case, without accents, between single spaces: `"C++ & Go!"` → `" c++ go "`."""
    if not text.isascii():
        bare = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
        text = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", bare))
    return f" {' '.join(_TOKEN.findall(text.casefold()))} "
