"""Technologies that a posting names only to say that they are not wanted: *we do not use PHP or Ruby*, *no Java, please*."""

import re

REACH = 80
"""Characters before a name that its refusal may take."""

_OTHERS = r"(?P<others>(?:[^\s,;./]{1,20}(?: [^\s,;./]{1,20})?(?:,? n?or |, |/)){0,4})$"
_NOT_USED = re.compile(
    r"\b(?:we|i|they|our \w{2,20}|team) (?:(?:do not|don['’]t|does not|doesn['’]t|never|no longer)"
    r"(?: (?:currently|really|ever))?"
    rf" (?:use|want|write|do|run|support|touch|like|hire for)|(?:stopped|avoid)(?: using)?)(?: any)? {_OTHERS}"
)
_NO = re.compile(rf"(?:^|[.!?;:(–—-]\s?|, |\n\W{{0,3}})no {_OTHERS}")
_NO_EXPERIENCE = re.compile(
    r"\S{1,20}(?: \S{1,20}){0,2} (?:experience|knowledge|background|skills?|required|needed|necessary)\b"
)
_ALTERNATIVE = re.compile(r"[^,;.]{1,40}(?:, [^,;.]{1,40}){0,4},? n?or ")


def is_refused(lower: str, start: int, position: int) -> bool:
    """Whether what stands at `position` of a text in lower case is refused by words after `start`, where its line starts."""
    before = lower[max(start, position - REACH) : position]
    said = _NOT_USED.search(before) or _NO.search(before)
    if said is None or _NO_EXPERIENCE.match(lower, position):
        return False
    others = said["others"]
    return not others or others.endswith(("or ", "/")) or _ALTERNATIVE.match(lower, position) is not None
