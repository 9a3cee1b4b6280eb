"""The bench runs, and its two sides do the same work; how fast they are is its own business."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.findings import Findings
from bench.tables import Table
from tests.process.servers import ROOT


@pytest.mark.process
def test_a_short_bench_measures_official_operations_by_each_server(tmp_path: Path) -> None:
    result, page, plot = tmp_path / "result.json", tmp_path / "result.md", tmp_path / "ratios.svg"
    operations = ["my_points", "place_order", "accept_order", "create_partner", "register_guest"]
    few = ["--seconds", "0.2", "--rounds", "1", "--callers", "4", "--changes", "4"]
    followers = ["--counters", "10", "--idle", "20", "--listeners", "10"]
    files = ["--json", str(result), "--markdown", str(page), "--plot", str(plot)]
    these = ["--operations", *operations, "inbox_changed"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *few, *followers, *files, *these],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(result.read_text(encoding="utf-8"))
    assert [each["failure"] for each in found["results"] if each["failure"] is not None] == []
    assert found["of_by_hand"].keys() == set(operations)
    assert found["counters"]["counters"] == 10
    assert found["idle"]["subscriptions"] == 20
    assert [each["server"] for each in found["subscriptions"]] == ["by-hand", "GraphQL", "strawberry"]
    assert "of its bare transaction" in done.stdout
    for operation in operations:
        for shown in (done.stdout, page.read_text(encoding="utf-8"), plot.read_text(encoding="utf-8")):
            assert operation in shown


def test_what_breaks_is_told_at_the_end_and_loses_nothing(tmp_path: Path) -> None:
    found = Findings(tmp_path / "found.json", tmp_path / "found.md", {})
    with found.part("first"):
        found.add("first", {"rate": 1.5}, Table("First", ("by", "rate"), [("us", "1.5")]))
    with found.part("second"):
        raise RuntimeError("no answer")
    written = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert written == {"first": {"rate": 1.5}, "failures": ["second: RuntimeError: no answer"]}
    page = (tmp_path / "found.md").read_text(encoding="utf-8")
    assert "| us | 1.5 |" in page
    assert "second: RuntimeError: no answer" in page


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
    assert re.search(r"stock_changed +GraphQL +20 ", done.stdout)


@pytest.mark.process
def test_a_short_bench_compares_few_members_with_many(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    few = ["--members", "20", "40", "--calls", "2", "--seconds", "0", "--operations", "home", "check_in"]
    kept = ["--folder", str(tmp_path), "--json", str(result)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "growth", *few, *kept],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = {each["name"]: each for each in json.loads(result.read_text(encoding="utf-8"))["growth"]}
    assert {name: each["calls"] for name, each in found.items()} == {"home": 2, "check_in": 2}
    assert all(
        each[size]["processor_milliseconds"] > 0 for each in found.values() for size in ("few", "many")
    )
    assert "grew by 1.3 or less" in done.stdout
