"""Reads the settings from the environment, and checks what must hold among several of them."""

import os
from zoneinfo import ZoneInfo

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError as UnreadableSettingError

from app.shared.settings.model import PREFIX, Settings, SettingsError, variable_name

MONGODB_OWN_DATABASES = {"admin", "config", "local"}
TOGETHER = (
    ("smtp_url", "mail_from"),
    ("sms_hook_url", "sms_hook_secret"),
    ("apns_key_file", "apns_key_id", "apns_team_id", "apns_topic"),
)
OUTWARD = ("sms_hook_url", "stripe_api_base", "fcm_api_base", "apns_api_base")


def load_settings() -> Settings:
    """The settings from the environment; raises SettingsError naming the first bad value."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = variable_name(field) if field in Settings.model_fields else field
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
    except UnreadableSettingError as error:
        field = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
        raise SettingsError(f"{variable_name(field)}: must be a JSON list") from None
    _require_time_zone(settings.time_zone)
    if settings.mongodb_database in MONGODB_OWN_DATABASES:
        raise SettingsError(f"{PREFIX}MONGODB_DATABASE: {settings.mongodb_database} is MongoDB's own")
    if os.environ.get(variable_name("data_dir")) == "":
        raise SettingsError(f"{PREFIX}DATA_DIR: must name a folder")
    if not settings.is_development and settings.mongodb_uri is None:
        raise SettingsError("MONGODB_URI: production names its own MongoDB replica set")
    if not settings.is_development and settings.webhook_private_addresses:
        raise SettingsError(f"{PREFIX}WEBHOOK_PRIVATE_ADDRESSES: production posts to public addresses only")
    _require_message_settings(settings)
    _require_payment_settings(settings)
    if not settings.is_development:
        _require_https(settings)
    return settings


def _require_message_settings(settings: Settings) -> None:
    for group in TOGETHER:
        missing = [field for field in group if getattr(settings, field) is None]
        given = [field for field in group if field not in missing]
        if missing and given:
            raise SettingsError(
                f"{variable_name(missing[0])}: must be set where {variable_name(given[0])} is"
            )


def _require_https(settings: Settings) -> None:
    """What goes out in production is encrypted."""
    for field in OUTWARD:
        value = getattr(settings, field)
        url = value.get_secret_value() if isinstance(value, SecretStr) else value
        if url is not None and not url.lower().startswith("https:"):
            raise SettingsError(f"{variable_name(field)}: production wants https://")


def _require_payment_settings(settings: Settings) -> None:
    if settings.card_gateway == "stripe" and settings.stripe_secret_key is None:
        raise SettingsError(f"{PREFIX}STRIPE_SECRET_KEY: must be set where {PREFIX}PAYMENT_GATEWAY is stripe")
    if settings.is_development:
        return
    if settings.card_gateway == "sandbox":
        raise SettingsError(
            f"{PREFIX}PAYMENT_GATEWAY: the sandbox takes no money, so it is not for production"
        )


def _require_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"{PREFIX}TIME_ZONE: there is no time zone {name!r}") from None
