"""Trace context goes along with events, from whoever publishes to whoever handles."""

import asyncio
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.events import POSTINGS, PostingClosed
from shared.settings import Settings
from shared.streams import Streams

EXPORTER = InMemorySpanExporter()


def provider() -> TracerProvider:
    """OpenTelemetry lets a process set its provider once."""
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(made)
    return made


async def test_handling_an_event_belongs_to_the_trace_that_published_it(
    settings: Callable[..., Settings], valkey_url: str
) -> None:
    provider()
    done: asyncio.Queue[PostingClosed] = asyncio.Queue()

    async def on_closed(events: list[PostingClosed]) -> None:
        for event in events:
            done.put_nowait(event)

    streams = Streams(settings(redis_url=valkey_url))
    streams.consume(POSTINGS, "matcher", {PostingClosed: on_closed})
    async with streams.running():
        with trace.get_tracer("test").start_as_current_span("polling") as polling:
            await streams.publish([PostingClosed(posting_id=1)])
        event = await asyncio.wait_for(done.get(), 10)
    handled = next(span for span in EXPORTER.get_finished_spans() if span.name == "postings process by matcher")
    assert event.traceparent is not None
    assert handled.context.trace_id == polling.get_span_context().trace_id
    assert handled.parent is not None
    assert handled.parent.span_id == polling.get_span_context().span_id
    assert [link.context.span_id for link in handled.links] == [polling.get_span_context().span_id]


async def test_without_a_trace_an_event_carries_none(settings: Callable[..., Settings], valkey_url: str) -> None:
    async with Streams(settings(redis_url=valkey_url)).connected() as streams:
        await streams.publish([PostingClosed(posting_id=1)])
        [(_, fields)] = await streams.client.xrange(POSTINGS)
    assert b"traceparent" not in fields[b"__data__"]
