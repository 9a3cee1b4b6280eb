"""Settings: defaults, bad values, and the README that lists them."""

from pathlib import Path

import pytest

from app.push.model import PushPlatform
from app.push.senders import push_senders
from app.shared.clock import SystemClock
from app.shared.settings.loading import load_settings
from app.shared.settings.messages import MailServer
from app.shared.settings.model import Settings, SettingsError, variable_name
from tests.push_arrangements import EC_KEY, google_file, pem

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_mongodb_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGODB_URI", raising=False)


def test_a_developer_needs_to_set_nothing() -> None:
    settings = load_settings()
    assert settings.is_development
    assert settings.mongodb_uri is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TSUNAGU_ENVIRONMENT", "staging"),
        ("TSUNAGU_MONGO_DRIVER", "mysql"),
        ("TSUNAGU_MONGODB_CONNECTIONS", "0"),
        ("TSUNAGU_MONGODB_DATABASE", "a.b"),
        ("TSUNAGU_MONGODB_DATABASE", "admin"),
        ("TSUNAGU_DATA_DIR", ""),
        ("TSUNAGU_CORS_ORIGINS", "https://app.example"),
        ("TSUNAGU_PICTURE_HOSTS", "https://pictures.example"),
        ("TSUNAGU_PICTURE_HOSTS", '["http://pictures.example"]'),
        ("TSUNAGU_PICTURE_HOSTS", '["https://pictures.example/path"]'),
        ("TSUNAGU_PICTURE_HOSTS", '["https://pictures.example; script-src *"]'),
        ("TSUNAGU_PICTURE_HOSTS", '["https://*"]'),
        ("TSUNAGU_PICTURE_HOSTS", '["*"]'),
        ("TSUNAGU_TRUSTED_PROXIES", "()"),
        ("TSUNAGU_TRUSTED_PROXIES", "[1]"),
        ("MONGODB_URI", ""),
        ("TSUNAGU_ACCESS_TOKEN_MINUTES", "soon"),
        ("TSUNAGU_TIME_ZONE", "Asia/Nowhere"),
        ("TSUNAGU_TIME_ZONE", "../../etc/passwd"),
        ("TSUNAGU_LOG_FORMAT", "xml"),
        ("TSUNAGU_INVOICE_REGISTRATION_NUMBER", ""),
        ("TSUNAGU_INVOICE_REGISTRATION_NUMBER", "7010705000725"),
        ("TSUNAGU_INVOICE_REGISTRATION_NUMBER", "T8010705000725"),
        ("TSUNAGU_SMTP_URL", ""),
        ("TSUNAGU_SMTP_URL", "https://mail.example"),
        ("TSUNAGU_SMTP_URL", "smtp://koharu@mail.example"),
        ("TSUNAGU_SMTP_URL", "smtp://:secret@mail.example"),
        ("TSUNAGU_SMTP_URL", "smtp://koharu:secret#1@mail.example"),
        ("TSUNAGU_SMTP_URL", "smtp://koharu:secret@mail.example:99999"),
        ("TSUNAGU_SMTP_URL", "smtp://koharu:secret@mail.example/?timeout=1"),
        ("TSUNAGU_MAIL_FROM", ""),
        ("TSUNAGU_MAIL_FROM", "Koharu"),
        ("TSUNAGU_MAIL_FROM", "a@koharu.example, b@koharu.example"),
        ("TSUNAGU_MAIL_FROM", "a@koharu.example\r\nBcc: b@koharu.example"),
        ("TSUNAGU_MAIL_FROM", "こはる@koharu.example"),
        ("TSUNAGU_SMS_HOOK_URL", ""),
        ("TSUNAGU_SMS_HOOK_URL", "ftp://sms.example"),
        ("TSUNAGU_SMS_HOOK_URL", "https://"),
        ("TSUNAGU_SMS_HOOK_URL", "https://secret:x@sms.example:99999"),
        ("TSUNAGU_SMS_HOOK_URL", "https://sms.example/\r\nX: secret"),
        ("TSUNAGU_SMS_HOOK_SECRET", ""),
        ("TSUNAGU_SMS_HOOK_SECRET", "secret"),
        ("TSUNAGU_SMS_HOOK_SECRET", "whsec_c2VjcmV0"),
        ("TSUNAGU_SMS_HOOK_SECRET", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("TSUNAGU_SMS_HOOK_SECRET", "whsec_" + "A" * 88),
        ("TSUNAGU_PAYMENT_GATEWAY", "paypal"),
        ("TSUNAGU_PAYMENT_GATEWAY", ""),
        ("TSUNAGU_STRIPE_SECRET_KEY", ""),
        ("TSUNAGU_STRIPE_WEBHOOK_SECRET", ""),
        ("TSUNAGU_STRIPE_API_BASE", "stripe.example"),
        ("TSUNAGU_FCM_ACCOUNT_FILE", "/nowhere/secret.json"),
        ("TSUNAGU_FCM_ACCOUNT_FILE", __file__),
        ("TSUNAGU_FCM_API_BASE", "fcm.example"),
        ("TSUNAGU_APNS_KEY_FILE", "/nowhere/secret.p8"),
        ("TSUNAGU_APNS_KEY_FILE", __file__),
        ("TSUNAGU_APNS_API_BASE", ""),
        ("TSUNAGU_QUIET_HOURS", "never"),
        ("TSUNAGU_MARKETING_PUSHES_PER_DAY", "-1"),
        ("TSUNAGU_MARKETING_PLACE_METERS", "-1"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


HOOK = {"TSUNAGU_SMS_HOOK_URL": "http://sms.example", "TSUNAGU_SMS_HOOK_SECRET": f"whsec_{'c2VjcmV0' * 4}"}
MAIL = {"TSUNAGU_SMTP_URL": "smtp://koharu:secret@mail.example", "TSUNAGU_MAIL_FROM": "a@koharu.example"}


@pytest.mark.parametrize("together", [HOOK, MAIL])
def test_what_belongs_together_is_set_together(
    monkeypatch: pytest.MonkeyPatch, together: dict[str, str]
) -> None:
    for missing in together:
        with monkeypatch.context() as patch:
            for name in together.keys() - {missing}:
                patch.setenv(name, together[name])
            with pytest.raises(SettingsError, match=f"{missing}: must be set"):
                load_settings()
    for name, value in together.items():
        monkeypatch.setenv(name, value)
    load_settings()


def test_the_keys_of_push_are_read_and_apples_is_set_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = tmp_path / "key.p8"
    key.write_text(pem(EC_KEY), encoding="utf-8")
    account = google_file(tmp_path, "https://oauth.example/token")
    monkeypatch.setenv("TSUNAGU_FCM_ACCOUNT_FILE", str(account))
    apple = {
        "TSUNAGU_APNS_KEY_FILE": str(key),
        "TSUNAGU_APNS_KEY_ID": "KEY1234567",
        "TSUNAGU_APNS_TEAM_ID": "TEAM123456",
        "TSUNAGU_APNS_TOPIC": "jp.koharu.app",
    }
    for missing in apple:
        with monkeypatch.context() as patch:
            for name in apple.keys() - {missing}:
                patch.setenv(name, apple[name])
            with pytest.raises(SettingsError, match=f"{missing}: must be set"):
                load_settings()
    for name, value in apple.items():
        monkeypatch.setenv(name, value)
    assert set(push_senders(load_settings(), SystemClock())) == set(PushPlatform)
    monkeypatch.setenv("TSUNAGU_APNS_KEY_FILE", str(account))
    with pytest.raises(SettingsError, match="TSUNAGU_APNS_KEY_FILE: must name"):
        load_settings()


@pytest.mark.parametrize("name", ["TSUNAGU_FCM_API_BASE", "TSUNAGU_APNS_API_BASE"])
def test_production_pushes_over_https(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TSUNAGU_ENVIRONMENT", "production")
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example")
    monkeypatch.setenv(name, "http://127.0.0.1:8001")
    with pytest.raises(SettingsError, match=f"{name}: production wants https"):
        load_settings()


def test_production_posts_sms_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**HOOK, "TSUNAGU_ENVIRONMENT": "production", "MONGODB_URI": "mongodb://db.example"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="SMS_HOOK_URL: production wants https"):
        load_settings()
    monkeypatch.setenv("TSUNAGU_SMS_HOOK_URL", "HTTPS://sms.example")
    assert load_settings().sms_hook_url is not None


@pytest.mark.parametrize(
    ("environment", "chosen", "gateway"),
    [
        ("development", None, "sandbox"),
        ("production", None, "none"),
        ("development", "none", "none"),
        ("production", "stripe", "stripe"),
    ],
)
def test_cards_are_taken_by_whom_the_settings_choose(
    monkeypatch: pytest.MonkeyPatch, environment: str, chosen: str | None, gateway: str
) -> None:
    monkeypatch.setenv("TSUNAGU_ENVIRONMENT", environment)
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example")
    monkeypatch.setenv("TSUNAGU_STRIPE_SECRET_KEY", "sk_test_4711")
    if chosen is not None:
        monkeypatch.setenv("TSUNAGU_PAYMENT_GATEWAY", chosen)
    assert load_settings().card_gateway == gateway


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"TSUNAGU_PAYMENT_GATEWAY": "sandbox"}, "PAYMENT_GATEWAY: the sandbox"),
        ({"TSUNAGU_PAYMENT_GATEWAY": "stripe"}, "STRIPE_SECRET_KEY: must be set"),
        ({"TSUNAGU_STRIPE_API_BASE": "http://stripe.example"}, "STRIPE_API_BASE: production wants https"),
    ],
)
def test_production_takes_real_cards_safely_or_none(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    production = {"TSUNAGU_ENVIRONMENT": "production", "MONGODB_URI": "mongodb://db.example"}
    for name, value in {**production, **given}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=named):
        load_settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    stripe = {"TSUNAGU_STRIPE_SECRET_KEY": "sk_live_4711", "TSUNAGU_STRIPE_WEBHOOK_SECRET": "whsec_4711"}
    for name, value in {**HOOK, **MAIL, **stripe}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.smtp_url is not None
    shown = f"{settings} {settings!r} {MailServer.from_url(settings.smtp_url.get_secret_value())}"
    for name in ("sms_hook_secret", "stripe_secret_key", "stripe_webhook_secret"):
        shown = shown.replace(name, "")
    for secret in ("secret", "c2VjcmV0", "4711"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, False, None, None)),
        ("smtps://mail.example/", MailServer("mail.example", 465, True, None, None)),
        ("smtp://a%40b:c%3Ad%25@[::1]:25", MailServer("::1", 25, False, "a@b", "c:d%")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert MailServer.from_url(url) == server


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("localhost", True), ("127.0.0.9", True), ("[::1]", True), ("10.0.0.1", False), ("127.example", False)],
)
def test_our_own_machine_is_known(host: str, is_loopback: bool) -> None:
    assert MailServer.from_url(f"smtp://{host}").is_loopback is is_loopback


def test_production_names_its_own_mongodb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSUNAGU_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="MONGODB_URI"):
        load_settings()
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example/?replicaSet=shop")
    assert not load_settings().is_development


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_the_readme_lists_each_setting_with_its_default(field: str) -> None:
    default = Settings.model_fields[field].default
    shown = "unset" if default is None else f"`{default}`"
    row = next((line for line in README.splitlines() if line.startswith(f"| `{variable_name(field)}`")), "")
    assert f"| {shown} |" in row
