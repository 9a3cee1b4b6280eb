"""The lock files pin what pyproject.toml asks for, no more and no less."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {
    "requirements.lock": ("embedded", "motor"),
    "requirements-dev.lock": ("embedded", "motor", "dev"),
}


def pins(lock_file: str) -> dict[str, Requirement]:
    """What the file pins on this machine."""
    lines = re.findall(r"^[A-Za-z0-9].*", (ROOT / lock_file).read_text(encoding="utf-8"), re.MULTILINE)
    found = [Requirement(line.rstrip("\\ ")) for line in lines]
    return {
        canonicalize_name(each.name): each for each in found if each.marker is None or each.marker.evaluate()
    }


def asked_for(lock_file: str) -> list[Requirement]:
    texts = [*PROJECT["dependencies"]]
    for extra in EXTRAS[lock_file]:
        texts += PROJECT["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def with_dependencies(requirements: Iterable[Requirement]) -> list[Requirement]:
    """The requirements and all that the installed packages ask for in their turn."""
    waiting, seen, found = list(requirements), set(), []
    while waiting:
        requirement = waiting.pop()
        name = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        environments = [{"extra": extra} for extra in requirement.extras] or [{"extra": ""}]
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        found.append(requirement)
        if name in seen:
            continue
        seen.add(name)
        try:
            texts = requires(requirement.name) or []
        except PackageNotFoundError:
            pytest.fail(f"{requirement.name} is not installed: the environment was made from another lock")
        for text in texts:
            each = Requirement(text)
            if each.marker is None or any(each.marker.evaluate(environment) for environment in environments):
                each.marker = None
                waiting.append(each)
    return found


@pytest.mark.parametrize("lock_file", EXTRAS)
def test_each_requirement_is_pinned_to_a_version_that_fits(lock_file: str) -> None:
    pinned = pins(lock_file)
    for requirement in with_dependencies(asked_for(lock_file)):
        pin = pinned.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement} is not pinned: run scripts/lock"
        (version,) = (each.version for each in pin.specifier)
        assert requirement.specifier.contains(version, prereleases=True), f"{pin} does not fit {requirement}"


@pytest.mark.parametrize("lock_file", EXTRAS)
def test_nothing_is_pinned_that_nobody_asks_for(lock_file: str) -> None:
    wanted = {canonicalize_name(each.name) for each in with_dependencies(asked_for(lock_file))}
    assert pins(lock_file).keys() <= wanted, "run scripts/lock"


@pytest.mark.parametrize("lock_file", EXTRAS)
def test_each_pin_has_hashes_and_no_address(lock_file: str) -> None:
    text = (ROOT / lock_file).read_text(encoding="utf-8")
    assert "://" not in text
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_both_files_pin_the_same_versions() -> None:
    running, developing = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: str(pin.specifier) for name, pin in running.items()} == {
        name: str(developing[name].specifier) for name in running
    }
