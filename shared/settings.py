"""Every setting, read once from `JOBLARK_*` variables (and `.env`), typed, and passed in. `docs/settings.md` is made from here.

A secret may also be given as `JOBLARK_<NAME>_FILE`, the path of a file that holds it.
"""

import os
import secrets
from datetime import date
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import NotReady

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
EMBEDDED_REDIS = "redis_url"
"""File in the data folder in which embedded mode says where its server listens."""
SECRETS = (
    "secret",
    "database_url",
    "redis_url",
    "smtp_password",
    "dkim_key",
    "bounces_imap_password",
    "postmark_webhook",
    "mailgun_signing_key",
)


class Settings(BaseSettings):
    """Defaults run the whole stack on a laptop; `environment=production` refuses the ones that are unsafe elsewhere."""

    model_config = SettingsConfigDict(env_prefix="JOBLARK_", env_file=".env", extra="ignore", frozen=True)

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

    digest_size: PositiveInt = Field(10, description="Most jobs in one digest.")
    digest_per_company: PositiveInt = Field(2, description="Most jobs of one company in one digest.")
    digest_spread_minutes: int = Field(
        50,
        ge=0,
        le=59,
        description="Digests of one hour are spread over so many minutes of it: a Monday at eight is a ramp, not a spike.",
    )
    mail_from: Text = Field("Joblark <digest@joblark.invalid>", description="From line of every mail.")
    mail_return_path: str = Field(
        "",
        description="Address that bounces come back to, such as `bounces@example.org`; each mail adds its signed name: "
        "`bounces+1a-k3w…@example.org`. Empty: they go to the sender of the From line.",
    )
    mail_ips: str = Field(
        "",
        description="Addresses that mail leaves from, such as `192.0.2.7, 2001:db8::7`, for `joblark doctor --mail` to try "
        "SPF and PTR with. Empty: those of JOBLARK_SMTP_HOST.",
    )
    dns_server: str = Field("", description="Name server for `joblark doctor --mail`. Empty: this machine's own.")
    mail_operator: str = Field("", description="Where alerts about this installation go. Empty: to JOBLARK_CONTACT.")
    mail_postal: str = Field("", description="Postal identity line at the foot of every mail; many laws require one.")
    mail_concurrency: PositiveInt = Field(4, description="SMTP connections held open by one notifier.")
    mail_per_second: float = Field(0.0, ge=0, description="Most mails a second, of all notifiers together; 0 is no limit.")
    mail_rates: dict[str, PositiveFloat] = Field(
        default_factory=dict,
        description='Most mails a second to one provider, as JSON: `{"gmail.com": 20, "outlook.com": 5, "*": 2}`; `*` is each '
        "that is not named. A provider's other domains count as its first.",
    )
    mail_warmup_from: date | None = Field(
        None,
        description="First day of sending from a new domain or address, such as `2026-11-23`: from then on each day has a "
        "ceiling, which doubles, until there is none. Empty: no ceiling.",
    )
    mail_unknown: Literal["hold", "resend"] = Field(
        "hold",
        description="What becomes of a mail whose server fell silent after DATA: `hold` it for `joblark deliveries resolve`, "
        "or `resend` it with the same Message-ID, at the risk that somebody gets it twice.",
    )
    mail_keep_days: PositiveInt = Field(7, description="How long it is kept what exactly was in a mail.")
    address_keep_days: PositiveInt = Field(28, description="How long the address of an ended subscription is kept.")
    channels: str = Field(
        "slack, tgram, discord",
        description="Apprise schemes that a subscription may have its digest sent to in place of mail. A scheme that takes a "
        "whole URL (`json`, `xml`, `form`) lets who subscribes make this server call any address.",
    )
    dkim_domain: str = Field("", description="Domain that signs every mail. Empty: that of the From line.")
    dkim_selector: str = Field("joblark", description="Selector of JOBLARK_DKIM_KEY.")
    dkim_key: SecretStr = Field(
        SecretStr(""), description="RSA key (PEM) that signs every mail; `joblark dkim create` makes one. Empty: no signature."
    )
    dkim_keys_dir: Path | None = Field(
        None, description="Folder with one `<selector>.pem` for each further signature, as while a key is exchanged."
    )
    bounces_imap_url: str = Field("", description="Mailbox for `joblark bounces read`: `imaps://user@imap.example.org/INBOX`.")
    bounces_imap_password: SecretStr = Field(SecretStr(""), description="Its password.")
    ses_topic: str = Field("", description="ARN of the SNS topic by which SES tells of bounces. Empty: no such webhook.")
    postmark_webhook: SecretStr = Field(
        SecretStr(""), description="`user:password` that Postmark's webhook logs in with. Empty: no such webhook."
    )
    sendgrid_webhook_key: str = Field(
        "", description="Public key (base64) of SendGrid's signed event webhook. Empty: no such webhook."
    )
    mailgun_signing_key: SecretStr = Field(
        SecretStr(""), description="Signing key of Mailgun's webhooks. Empty: no such webhook."
    )
    mail_lease_seconds: PositiveInt = Field(
        120, description="How long one attempt to send a mail may take before it is looked into."
    )
    mail_retry_seconds: PositiveFloat = Field(30.0, description="Wait after a first failed attempt; doubles, up to an hour.")
    mail_give_up_hours: PositiveInt = Field(72, description="How long a mail that the server defers is tried again.")
    smtp_host: Text = Field("127.0.0.1", description="Mail server that takes our mail.")
    smtp_port: int = Field(1025, ge=1, le=65535, description="Its port: 587 with STARTTLS, 465 with TLS, 1025 for a catcher.")
    smtp_security: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto", description="How the connection is protected. `auto`: STARTTLS, unless the server is on this machine."
    )
    smtp_user: str = Field("", description="Login, where the server wants one.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Its password.")
    smtp_mails_per_connection: PositiveInt = Field(
        100, description="Mails handed over on one connection before another is opened; many servers end it after so many."
    )
    smtp_timeout_seconds: PositiveFloat = Field(30.0, description="Longest wait for one reply of the mail server.")

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

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**_secrets_from_files(), **given})

    @property
    def database(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite+aiosqlite:///{self.data_dir / 'joblark.db'}"

    @property
    def redis(self) -> str:
        return self.redis_url.get_secret_value() or _read(self.data_dir / EMBEDDED_REDIS) or "redis://127.0.0.1:6379/0"

    @property
    def shard(self) -> tuple[int, int]:
        """Which part of the subscriptions a matcher holds: (i, n)."""
        number, _, count = self.matcher_shard.partition("/")
        return int(number), int(count)

    @property
    def operator(self) -> str:
        """The address that alerts about this installation go to."""
        return self.mail_operator or self.contact

    @property
    def smtp_protection(self) -> Literal["starttls", "tls", "none"]:
        """What `smtp_security` comes to: a server on this machine needs no protection on the way to it."""
        if self.smtp_security != "auto":
            return self.smtp_security
        return "none" if self.smtp_host in ("127.0.0.1", "::1", "localhost") else "starttls"

    @property
    def allowed_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Networks outside the open internet that boards may be read from."""
        return tuple(ip_network(word.strip()) for word in self.fetch_allow_networks.split(",") if word.strip())

    @cached_property
    def signing_secret(self) -> str:
        """What links are signed with; asked for with every mail, and so read once. Raises `NotReady` when there is none yet."""
        if secret := self.secret.get_secret_value() or _read(self.data_dir / "secret"):
            return secret
        raise NotReady("there is no secret to sign links with: run `joblark migrate --create-secret`, or set JOBLARK_SECRET")

    def create_secret(self) -> Path | None:
        """Write a random secret where `signing_secret` finds it. Returns the file, or `None` if there is a secret already."""
        if self.secret.get_secret_value():
            return None
        path = Path(os.environ.get("JOBLARK_SECRET_FILE") or self.data_dir / "secret")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return None
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        return path

    @model_validator(mode="after")
    def _refuse_missing_shard(self) -> Self:
        number, count = self.shard
        if number >= count:
            raise ValueError(f"JOBLARK_MATCHER_SHARD={self.matcher_shard}: shards are numbered 0 to {count - 1}")
        return self

    @model_validator(mode="after")
    def _refuse_no_networks(self) -> Self:
        try:
            self.allowed_networks  # noqa: B018 - reads them
        except ValueError as error:
            raise ValueError(f"JOBLARK_FETCH_ALLOW_NETWORKS: {error}") from None
        return self

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.environment == "production" and (problems := self._unsafe()):
            raise ValueError("refusing to start in production: " + "; ".join(problems))
        return self

    def _weak_secret(self) -> bool:
        """A short secret, or none and no file to create one in."""
        length = len(self.secret.get_secret_value())
        return length < 32 and not (length == 0 and os.environ.get("JOBLARK_SECRET_FILE"))

    def _unsafe(self) -> list[str]:
        checks = {
            "set JOBLARK_SECRET (or _FILE) to at least 32 random characters": self._weak_secret(),
            "set JOBLARK_BASE_URL to the public https:// address": not self.base_url.startswith("https://"),
            "set JOBLARK_CONTACT to an address of yours": self.contact.endswith(".invalid"),
            "set JOBLARK_MAIL_FROM to a sender of your domain": ".invalid" in self.mail_from,
            "set JOBLARK_SMTP_SECURITY to starttls or tls": self.smtp_security == "none",
        }
        return [advice for advice, bad in checks.items() if bad]


def _secrets_from_files() -> dict[str, str]:
    """Secrets given as `JOBLARK_<NAME>_FILE`. A file that does not exist yet is as good as not given."""
    paths = {name: os.environ.get(f"JOBLARK_{name.upper()}_FILE") for name in SECRETS}
    return {name: text for name, path in paths.items() if path and (text := _read(Path(path)))}


def _read(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""
