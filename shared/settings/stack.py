"""Settings of the stack: where things are, boards, matching, streams, logs."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, StringConstraints
from pydantic_settings import BaseSettings

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class StackSettings(BaseSettings):
    """Everything that is not about mail."""

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start on defaults that are only safe on a laptop."
    )
    data_dir: Path = Field(Path("var"), description="Where embedded mode keeps its database, its Valkey data and its secret.")
    secret: SecretStr = Field(
        SecretStr(""),
        description="Signs the links in mails; at least 32 characters. Changing it kills every link already sent.",
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="`postgresql+asyncpg://…` or `sqlite+aiosqlite:///…`. Empty: a SQLite file in the data folder.",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis 7–8 or Valkey 8–9, also `unix:///path`. Empty: embedded mode's own server, or local port 6379.",
    )

    base_url: Text = Field(
        "http://127.0.0.1:8000", description="How people reach the web page; every link in a mail starts with it."
    )
    host: Text = Field("127.0.0.1", description="Address that each process's web server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the web page, or of a service's health and metrics page.")

    contact: Text = Field(
        "operator@joblark.invalid", description="Address in our User-Agent, so that a board's owner can reach you."
    )
    poll_every_minutes: PositiveInt = Field(360, description="How often a board is read when nothing suggests otherwise.")
    poll_details: PositiveInt = Field(50, description="Most second requests, for one job each, in one poll of a board.")
    poll_checks: int = Field(
        5, ge=0, description="Most jobs in one poll, not listed any more, whose own page is asked whether they are gone."
    )
    poll_concurrency: PositiveInt = Field(
        24, description="Boards that one scraper reads at the same time, most of them waiting for their host's turn."
    )
    poll_lease_seconds: PositiveInt = Field(
        300, description="How long a claimed board is left alone before another scraper may take it."
    )
    fetch_timeout_seconds: PositiveFloat = Field(
        30.0, description="Longest that one request to a board may take, body included."
    )
    fetch_max_bytes: PositiveInt = Field(32_000_000, description="Largest body, unpacked, that is read from a board.")
    fetch_gap_seconds: PositiveFloat = Field(
        0.5, description="Shortest time between two requests to one host; a robots.txt or a source's terms may ask for more."
    )
    fetch_allow_networks: str = Field(
        "",
        description="Networks with boards of your own, such as `10.1.0.0/16, 127.0.0.0/8`. Without it, no address that is "
        "not on the open internet is read.",
    )
    closed_after_polls: PositiveInt = Field(
        2, description="A posting is closed when absent from this many complete polls in a row."
    )

    source_keys: dict[str, SecretStr] = Field(
        default_factory=dict, description='Access keys of sources that want one, as JSON: `{"adzuna_app_id": "…"}`.'
    )

    shortlist_size: PositiveInt = Field(50, description="Best unsent matches kept for each subscription.")
    match_threshold: float = Field(50.0, ge=0, le=100, description="Lowest score that is a match at all.")

    matcher_shard: str = Field(
        "0/1",
        pattern=r"^\d{1,3}/[1-9]\d{0,2}$",
        description="`i/n`: this matcher holds every n-th subscription from the i-th on. All services need the same n.",
    )

    matcher_snapshot: Path | None = Field(
        None,
        description="File for the matcher's index, saved every quarter of an hour and at the end, so that a matcher of "
        "very many subscriptions starts in seconds. Each shard and each replica needs its own. "
        "Empty: read everything at every start.",
    )

    tick_seconds: PositiveFloat = Field(5.0, description="How often a service asks the database what is due.")
    stream_batch: PositiveInt = Field(50, description="Most events handled in one go.")
    stream_max_deliveries: PositiveInt = Field(
        5, description="Deliveries after which an event is set aside in the dead letters."
    )
    stream_min_idle_seconds: PositiveFloat = Field(
        30.0, description="How long an event may stay unacknowledged before it is taken over."
    )
    stream_backoff_seconds: PositiveFloat = Field(
        1.0, description="Wait before the second delivery; doubles with each further one."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe message that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="`json` for machines: one object a line.")
