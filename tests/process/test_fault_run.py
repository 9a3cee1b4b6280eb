"""A short fault run: primaries die, answers are lost, and what was acknowledged is there once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.servers import ROOT, wait_until

pytestmark = pytest.mark.process

TWO_KILLS = (
    *("--seconds", "36", "--kill-every", "18", "--election-seconds", "2"),
    *("--callers", "8", "--losing", "0.04", "--losing-of-mongodb", "0.002"),
)


def test_a_short_fault_run_finds_no_fault_and_leaves_no_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--faults", *TWO_KILLS],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = dict(line.split("  ", 1) for line in done.stdout.splitlines() if "  " in line)
    assert rows["kills of the primary"].strip() == "2, one every 18 s"
    assert rows["faults found"].strip() == "0"
    wait_until(lambda: not processes_that_know(tmp_path))


def processes_that_know(folder: Path) -> list[int]:
    """The processes that were told of the folder, by an argument or by their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told:
            found.append(int(entry.name))
    return found
