"""Settings of digests and of all other mail: what is sent, how it is signed and handed over, and what comes back."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings

from shared.settings.stack import Text


class MailSettings(BaseSettings):
    """Everything that is about mail."""

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
    mail_postal: str = Field("", description="Postal identity line at the foot of mails to subscribers; many laws require one.")
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
