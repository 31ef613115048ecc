"""The content of a mail, which was given when it was opened: from the ledger's JSON back to a value, or a clear error. Pure."""

from typing import TypeVar

from pydantic import ValidationError

from services.notifier.kinds.base import Letter
from shared.errors import UnreadableInput
from shared.posting import Value

Content = TypeVar("Content", bound=Value)


def content_of(letter: Letter, kind: type[Content]) -> Content:
    """What the mail was opened with. Raises `UnreadableInput`, which names the field and repeats nothing of what it holds.

    Such a mail cannot be tried again: a version that no longer knows this form wrote it, or its content was dropped.
    """
    mail = letter.mail
    if mail.content is None:
        raise UnreadableInput(f"mail {mail.id} ({mail.kind}) has no content any more", code="content_dropped")
    try:
        return kind.model_validate(mail.content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:4]) or "it"
        message = f"mail {mail.id} ({mail.kind}): {where} of its content is not what this version writes: {first['type']}"
        raise UnreadableInput(message, code="content_invalid") from None
