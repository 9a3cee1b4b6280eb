"""The scripts' environment: made once, and never taken for made when it is not."""

import shutil
import subprocess
from pathlib import Path

from tests.process.servers import ROOT


def a_checkout(folder: Path, pip_status: int) -> Path:
    """A folder with the scripts, and a Python whose pip ends with this status."""
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "environment.sh", folder / "scripts")
    (folder / "requirements.lock").write_text("a==1")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0\necho pip >> calls\nexit {pip_status}\n')
    python.chmod(0o755)
    return folder


def prepare(folder: Path) -> int:
    script = ". scripts/environment.sh; prepare_environment requirements.lock || exit 7"
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, check=False).returncode


def calls(folder: Path) -> int:
    return (folder / "calls").read_text().count("pip")


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    folder = a_checkout(tmp_path, pip_status=0)
    assert [prepare(folder), prepare(folder)] == [0, 0]
    assert calls(folder) == 1
    (folder / "requirements.lock").write_text("a==2")
    assert prepare(folder) == 0
    assert calls(folder) == 2


def test_an_installation_that_failed_is_tried_again(tmp_path: Path) -> None:
    folder = a_checkout(tmp_path, pip_status=1)
    assert [prepare(folder), prepare(folder)] == [7, 7]
    assert calls(folder) == 2
