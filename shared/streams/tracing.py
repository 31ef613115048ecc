"""Trace context, carried along with events where OpenTelemetry is installed and set up; nothing at all where it is not.

Only the API is used. Whoever runs Joblark chooses the SDK and the exporter: `opentelemetry-instrument joblark run matcher`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from shared.events import Event

try:
    from opentelemetry import propagate, trace
except ImportError:  # the extra `tracing` is not installed
    propagate = trace = None  # type: ignore[assignment]


def outgoing() -> str | None:
    """The W3C `traceparent` of the work at hand, or `None` outside any trace."""
    if propagate is None:
        return None
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def handling(stream: str, group: str, events: Sequence[Event]) -> Iterator[None]:
    """A span around the handling of `events`: in the trace of the first, linked to those of all."""
    if trace is None:
        yield
        return
    contexts = [_context(event.traceparent) for event in events if event.traceparent]
    links = [trace.Link(trace.get_current_span(context).get_span_context()) for context in contexts]
    tracer = trace.get_tracer("joblark")
    attributes: dict[str, str | int] = {"messaging.system": "redis", "messaging.batch.message_count": len(events)}
    name, first = f"{stream} process by {group}", contexts[0] if contexts else None
    with tracer.start_as_current_span(name, first, trace.SpanKind.CONSUMER, attributes, links):
        yield


def _context(traceparent: str) -> Any:
    return propagate.extract({"traceparent": traceparent})
