"""Settings: defaults, bad values, and the README that lists them."""

from pathlib import Path

import pytest

from app.shared.settings import Settings, SettingsError, load_settings, variable_name

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
        ("TSUNAGU_TRUSTED_PROXIES", "()"),
        ("TSUNAGU_TRUSTED_PROXIES", "[1]"),
        ("MONGODB_URI", ""),
        ("TSUNAGU_ACCESS_TOKEN_MINUTES", "soon"),
        ("TSUNAGU_TIME_ZONE", "Asia/Nowhere"),
        ("TSUNAGU_TIME_ZONE", "../../etc/passwd"),
        ("TSUNAGU_LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert "\n" not in str(refused.value)


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
