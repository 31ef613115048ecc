"""Every error we raise on purpose.

    JoblarkError            code, message, `retry`: whether trying again later can help
    ├── UnreadableInput     what we were given cannot be read: a board's answer, a CV, a postings file   (exit 2)
    │   └── RuleError       a rule cannot be understood: says where, and what to write instead
    ├── FetchError          a board did not answer, or answered too much, too slowly or with an error status
    │   └── Postponed       nobody was asked: the host's turn has not come, or it rests after failures
    ├── SendError           a mail server refused (permanent) or could not take it now (retry)
    │   └── OutcomeUnknown  the server may have accepted: the line broke after DATA began
    ├── NotFound            a board, subscription or dead letter that is not there                          (exit 1)
    ├── Conflict            what is asked for exists already, or somebody else holds it                     (exit 1)
    └── NotReady            a server we need is away, or the database is not migrated                       (exit 1)

`code` is stable: operators alert on it, docs explain it, tests pin it. A message names the input it is about and says
what to do next. Never put a secret or an address in a message: they end in logs.
"""


class JoblarkError(Exception):
    """Base of all errors raised on purpose. `retry` says whether the same call may succeed later."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, code: str | None = None, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.retry = retry


class UnreadableInput(JoblarkError):
    code = "unreadable_input"
    exit_code = 2


class RuleError(UnreadableInput):
    """`column` counts characters of its `line` from 1; `pointer` is that line, and a caret under the place."""

    code = "rule_syntax"

    def __init__(self, message: str, *, code: str, line: int = 1, column: int = 1, pointer: str = "") -> None:
        super().__init__(message, code=code)
        self.line, self.column, self.pointer = line, column, pointer


class FetchError(JoblarkError):
    """`status` is the HTTP status where there was one; `retry_after` the seconds the server asked us to wait."""

    code = "fetch_failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        retry: bool = True,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, retry=retry)
        self.status = status
        self.retry_after = retry_after


class Postponed(FetchError):
    """`retry_after` says when the turn comes."""

    code = "fetch_postponed"


class SendError(JoblarkError):
    """`smtp_code` is the server's reply code where it gave one."""

    code = "send_failed"

    def __init__(self, message: str, *, code: str | None = None, retry: bool, smtp_code: int | None = None) -> None:
        super().__init__(message, code=code, retry=retry)
        self.smtp_code = smtp_code


class OutcomeUnknown(SendError):
    code = "send_outcome_unknown"

    def __init__(self, message: str) -> None:
        super().__init__(message, retry=False)


class NotFound(JoblarkError):
    code = "not_found"


class Conflict(JoblarkError):
    code = "conflict"


class NotReady(JoblarkError):
    code = "not_ready"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code, retry=True)
