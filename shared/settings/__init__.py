"""Every setting, read once from `JOBLARK_*` variables (and `.env`), typed, and passed in. `docs/settings.md` is made from here.

A secret may also be given as `JOBLARK_<NAME>_FILE`, the path of a file that holds it.
"""

import os
import secrets
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator
from pydantic_settings import SettingsConfigDict

from shared.errors import NotReady
from shared.settings.mail import MailSettings
from shared.settings.stack import StackSettings

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


class Settings(MailSettings, StackSettings):
    """Defaults run the whole stack on a laptop; `environment=production` refuses the ones that are unsafe elsewhere."""

    model_config = SettingsConfigDict(env_prefix="JOBLARK_", env_file=".env", extra="ignore", frozen=True)

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
