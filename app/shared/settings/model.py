"""The settings: environment variables with the prefix `TSUNAGU_`, and `MONGODB_URI`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.shared.settings.messages import MailServer, hook_url, mailbox
from app.shared.settings.push import GoogleAccount, QuietHours, apple_private_key
from app.shared.settings.registration_numbers import registration_number
from app.shared.standard_webhooks import signing_key_of

PREFIX = "TSUNAGU_"
DATABASE_NAME = r"^[A-Za-z0-9_-]{1,60}$"
PRODUCTION_DRAIN_SECONDS = 5.0  # what a balancer takes to notice


class SettingsError(Exception):
    """A setting has a value that cannot be used; the text names it in one line."""


def _readable_by(read: Callable[[Any], object]) -> AfterValidator:
    """The value stays as it is, and must be one that can be read so."""

    def check(value: Any) -> Any:
        read(value.get_secret_value() if isinstance(value, SecretStr) else value)
        return value

    return AfterValidator(check)


def _picture_host(text: str) -> None:
    """Raises ValueError for what is no origin; it becomes part of a header that keeps everything else out."""
    if len(text) > 200 or not re.fullmatch(r"https://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?", text):
        raise ValueError("no origin such as https://pictures.example")


class Settings(BaseSettings):
    """What an operator may choose. Each default is what a developer's machine wants."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production`: trusted documents, no GraphiQL, demo data or outbox; wants `MONGODB_URI`.",
    )
    mongodb_uri: str | None = Field(
        default=None,
        min_length=1,
        validation_alias="MONGODB_URI",
        description="A MongoDB replica set, 6.0 or newer. Unset: Tsunagu starts its own.",
    )
    mongodb_database: str = Field(
        default="tsunagu", pattern=DATABASE_NAME, description="The database's name."
    )
    mongo_driver: Literal["pymongo", "motor"] = Field(
        default="pymongo", description="The driver that speaks to MongoDB."
    )
    mongodb_connections: int = Field(
        default=32, ge=2, le=1000, description="Commands in flight to MongoDB per process; more wait in line."
    )
    mongodb_cache_megabytes: int = Field(
        default=1024,
        ge=256,
        description="Cache of the MongoDB that Tsunagu starts: a quarter of the memory, but at least 256.",
    )
    data_dir: Path = Field(
        default=Path(".data"), description="Where keys and the data of our own MongoDB are kept."
    )
    issuer: str = Field(
        default="http://127.0.0.1:8000",
        min_length=1,
        description="`iss` of the access tokens: our public address.",
    )
    audience: str = Field(default="tsunagu", min_length=1, description="`aud` of the access tokens.")
    access_token_minutes: int = Field(
        default=15, ge=1, le=60, description="How long an access token is good for, in minutes."
    )
    check_in_points: int = Field(
        default=10, ge=0, le=10_000, description="Points for a check-in. 1 point is worth 1 yen."
    )
    point_validity_months: int = Field(
        default=12,
        ge=1,
        le=120,
        description="Points expire at the end of the month this many months after they were earned.",
    )
    return_window_days: int = Field(
        default=14,
        ge=0,
        le=90,
        description="Days after a purchase for which its points are pending; 0: they can be spent at once.",
    )
    rank_grace_months: int = Field(
        default=3,
        ge=0,
        le=12,
        description="Months after a year's end for which the rank that its miles earned is held still.",
    )
    transfer_hours: int = Field(
        default=24, ge=1, le=720, description="How long goods travel from one store to another, in hours."
    )
    compiled_operations: Literal["on", "off"] = Field(
        default="on",
        description="Whether official operations are run by plans; `off`: graphql-core runs them all.",
    )
    time_zone: str = Field(
        default="Asia/Tokyo", description="The retailer's own time zone: points expire at its midnight."
    )
    retailer_name: str = Field(
        default="Tsunagu",
        min_length=1,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="What the retailer is called in messages and on receipts.",
    )
    invoice_registration_number: Annotated[str, _readable_by(registration_number)] | None = Field(
        default=None,
        description="The retailer's number as an issuer of qualified invoices: `T` and 13 digits.",
    )
    connections_per_address: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="Open WebSockets of one network and process; carriers put many phones behind one.",
    )
    sign_in_codes_per_network: int = Field(
        default=300,
        ge=1,
        le=1_000_000,
        description="One-time codes an hour for one network; carriers put many phones behind one.",
    )
    new_guests_per_network: int = Field(
        default=1000,
        ge=1,
        le=1_000_000,
        description="New guests an hour from one network; a device that has its card does not count.",
    )
    sms_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        default=("JP",),
        min_length=1,
        description="Countries (ISO 3166) whose telephones get codes; national numbers are of the first.",
    )
    cors_origins: tuple[str, ...] = Field(
        default=(),
        description='Web pages of these origins may call the API: a JSON list, as in `["https://app.example"]`.',
    )
    picture_hosts: tuple[Annotated[str, _readable_by(_picture_host)], ...] = Field(
        default=(),
        max_length=20,
        description="Where the pictures of products are that the member app may show, beside our own: a JSON "
        'list of origins, as in `["https://pictures.example", "https://*.cdn.example"]`.',
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description='Proxies whose `X-Forwarded-*` headers are believed: a JSON list, as in `["10.0.0.5"]`.',
    )
    smtp_url: Annotated[SecretStr, _readable_by(MailServer.from_url)] | None = Field(
        default=None,
        description="The server that email is sent by: `smtp://user:password@host:587` or `smtps://host:465`.",
    )
    mail_from: Annotated[str, _readable_by(mailbox)] | None = Field(
        default=None, description="Whom email is from, as in `Koharu <no-reply@koharu.example>`."
    )
    sms_hook_url: Annotated[SecretStr, _readable_by(hook_url)] | None = Field(
        default=None, description="Where SMS are posted to for delivery; production wants `https://`."
    )
    sms_hook_secret: Annotated[SecretStr, _readable_by(signing_key_of)] | None = Field(
        default=None, description="What SMS are signed with: `whsec_` and 24 to 64 bytes in base64."
    )
    payment_gateway: Literal["none", "sandbox", "stripe"] | None = Field(
        default=None,
        description="Who takes cards: `none`, `sandbox` (development alone) or `stripe`. "
        "Unset: `sandbox` in development, `none` in production.",
    )
    stripe_secret_key: SecretStr | None = Field(
        default=None, min_length=1, description="Stripe's secret or restricted API key."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="What Stripe signs its webhooks with; unset: there is no `/webhooks/stripe`.",
    )
    stripe_api_base: Annotated[str, _readable_by(hook_url)] = Field(
        default="https://api.stripe.com",
        description="Where Stripe's API is; production wants `https://`.",
    )
    worker: bool | None = Field(
        default=None,
        description="Whether server processes do the worker's work too; unset: in development they do.",
    )
    drain_seconds: float | None = Field(
        default=None,
        ge=0,
        le=300,
        description="How long a server that is asked to end still serves while `/readyz` says 503. "
        "Unset: 5 s in production, 0 in development.",
    )
    webhook_private_addresses: bool = Field(
        default=False,
        description="Whether webhooks may go to private addresses and by http; in development only.",
    )
    fcm_account_file: Annotated[Path, _readable_by(GoogleAccount.from_file)] | None = Field(
        default=None, description="The JSON file of the Google service account that pushes to Android."
    )
    fcm_api_base: Annotated[str, _readable_by(hook_url)] = Field(
        default="https://fcm.googleapis.com",
        description="Where Firebase Cloud Messaging is; production wants `https://`.",
    )
    apns_key_file: Annotated[Path, _readable_by(apple_private_key)] | None = Field(
        default=None, description="The `.p8` file of the Apple key that pushes to iOS."
    )
    apns_key_id: str | None = Field(default=None, min_length=1, description="The Apple key's id.")
    apns_team_id: str | None = Field(default=None, min_length=1, description="The Apple team's id.")
    apns_topic: str | None = Field(default=None, min_length=1, description="The iOS app's bundle id.")
    apns_api_base: Annotated[str, _readable_by(hook_url)] = Field(
        default="https://api.push.apple.com",
        description="Where Apple's push service is; production wants `https://`.",
    )
    quiet_hours: Annotated[str, _readable_by(QuietHours.read)] = Field(
        default="21:00-09:00", description="When marketing is not pushed, by the clock where the member is."
    )
    marketing_pushes_per_day: int = Field(
        default=2, ge=0, le=100, description="Marketing pushes that a member gets on a day at the most."
    )
    marketing_place_meters: int = Field(
        default=500,
        ge=0,
        le=100_000,
        description="How far apart two places are that marketing may be pushed about to a member on a day.",
    )
    offers_per_member_a_day: int = Field(
        default=3,
        ge=0,
        le=100,
        description="Coupons that a member is given on a day without asking for them.",
    )
    offers_per_member_a_week: int = Field(
        default=7,
        ge=0,
        le=100,
        description="Coupons that a member is given in 7 days without asking for them.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="The bearer token that `/metrics` wants; unset: open in development, none in production.",
    )
    otlp_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+",
        description="Where traces go by OTLP over HTTP, as in `http://127.0.0.1:4318`; unset: no traces.",
    )
    traced_percent: float = Field(
        default=100.0, ge=0, le=100, description="How many requests are traced, in percent."
    )
    slow_operation_milliseconds: int = Field(
        default=1000, ge=1, description="Operations that take longer are logged."
    )
    access_log: bool = Field(default=False, description="Whether each request is logged when it is answered.")
    log_format: Literal["console", "json"] = Field(default="console", description="How logs are written.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least level that is logged."
    )

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def card_gateway(self) -> Literal["none", "sandbox", "stripe"]:
        """Who takes cards."""
        return self.payment_gateway or ("sandbox" if self.is_development else "none")

    @property
    def serves_with_worker(self) -> bool:
        """Whether a server process does the worker's work too."""
        return self.is_development if self.worker is None else self.worker

    @property
    def seconds_to_drain(self) -> float:
        """How long a server that is asked to end still serves."""
        if self.drain_seconds is not None:
            return self.drain_seconds
        return 0.0 if self.is_development else PRODUCTION_DRAIN_SECONDS


def variable_name(field: str) -> str:
    """The environment variable that sets this field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"
