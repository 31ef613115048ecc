"""How a process tells what it does: structured logs and Prometheus metrics."""

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from shared.settings import Settings

EVENTS = Counter("joblark_events_total", "Events taken from a stream, by what became of them.", ["stream", "group", "outcome"])
POLLS = Counter("joblark_polls_total", "Boards read, by what came of it.", ["source", "outcome"])
POSTINGS = Counter(
    "joblark_postings_total", "Postings by change: new, edited, relisted, closed, dropped.", ["source", "change"]
)
SCREENED = Counter("joblark_postings_screened_total", "Postings scored against every subscription.")
SHORTLISTED = Counter("joblark_matches_shortlisted_total", "Matches that entered a shortlist.")
MAILS = Counter("joblark_mails_total", "Mails by kind and what became of them.", ["kind", "outcome"])
MAILS_NOW = Gauge("joblark_mails_now", "Mails without a final outcome; `held` wants somebody.", ["kind", "state"])
RETURNS = Counter(
    "joblark_returns_total", "Reports of mails that came back, by who told and what they are.", ["source", "outcome"]
)

SECRET_WORDS = ("password", "secret", "token", "email", "address")


def configure_logging(settings: Settings) -> None:
    """Send structlog and the standard library's loggers to stderr in one format. Libraries speak from WARNING up."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    json = settings.log_format == "json"
    renderer = structlog.processors.JSONRenderer() if json else _console()
    errors = [structlog.processors.format_exc_info] if json else []
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *errors, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("services", "shared"):
        logging.getLogger(name).setLevel(settings.log_level.upper())
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _console() -> structlog.dev.ConsoleRenderer:
    """Plain tracebacks: the pretty ones print local variables, and those hold addresses and secrets."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _hide_secrets(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Fields that could hold a secret or an address never reach the log, whatever a caller passes."""
    return {key: "•••" if any(word in key.lower() for word in SECRET_WORDS) else value for key, value in event.items()}
