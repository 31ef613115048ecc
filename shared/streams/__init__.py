"""Everything awkward about Redis streams, in one place.

    connection    one process's broker: wait for Redis, publish, who consumes what
    consumer      one handler's reader and claimer: acknowledge, retry with backoff, set aside
    upkeep        groups, trimming, forgotten consumers, and what Redis remembers of us
    tracing       trace context carried along, where OpenTelemetry is installed
    dead_letters  what was set aside: list, show, replay, drop

Delivery is at least once. An event is acknowledged only after its handler returned, so a handler commits before it
returns and changes nothing when run again. Only commands that Valkey 9 and Redis 7–8 share are used.
"""

from shared.streams.connection import Streams

__all__ = ["Streams"]
