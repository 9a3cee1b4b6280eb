"""The bench runs, and its two sides do the same work; how fast they are is its own business."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.servers import ROOT


@pytest.mark.process
def test_a_short_bench_measures_official_operations_by_each_server(tmp_path: Path) -> None:
    result, plot = tmp_path / "result.json", tmp_path / "ratios.svg"
    operations = ["home", "my_points", "place_order", "accept_order", "create_partner", "register_guest"]
    few = ["--seconds", "0.2", "--rounds", "1", "--callers", "4", "--changes", "4"]
    followers = ["--counters", "10", "--idle", "20"]
    files = ["--json", str(result), "--plot", str(plot)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *few, *followers, *files, "--operations", *operations],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(result.read_text(encoding="utf-8"))
    assert [each["failure"] for each in found["results"] if each["failure"] is not None] == []
    assert found["of_by_hand"].keys() == set(operations)
    for shown in ("of its bare transaction", "counters see", "idle subscriptions"):
        assert shown in done.stdout
    for operation in operations:
        assert operation in done.stdout
        assert operation in plot.read_text(encoding="utf-8")


@pytest.mark.process
def test_a_short_bench_measures_what_recommendations_foresee() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "recall", "--shoppers", "20", "--asked", "5"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("recall@10", "recommendations ", "popularity "):
        assert shown in done.stdout


@pytest.mark.process
def test_a_short_bench_exhausts_a_budget_to_the_yen() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "budget", "--seconds", "0.5"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("'done': 300", "services in one process", "redeemCoupon by HTTP"):
        assert shown in done.stdout


@pytest.mark.process
def test_a_short_bench_tells_changes_to_all_listeners() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "events", "--listeners", "20", "--changes", "3"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("20 listeners", "60 events", "of memory for each listener"):
        assert shown in done.stdout
