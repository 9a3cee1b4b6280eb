"""What the README says to alert on is what `/metrics` tells."""

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from app.telemetry import metrics
from app.telemetry.observation import Outcome

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
JOBS = {"lead", *re.findall(r'Job\(\s*"(\w+)"', (ROOT / "app" / "jobs.py").read_text(encoding="utf-8"))}
OUTCOMES = {
    "operation": {*Outcome},
    "command": {"OK", "FAILED"},
    "job": {"DONE", "INTERRUPTED", "FAILED"},
}
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}

FIGURES = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
LABELS = {
    family.name + suffix: figure._labelnames
    for figure in FIGURES
    for family in figure.describe()
    for suffix in SUFFIXES[family.type]
}
NAMED = re.findall(r"\b(tsunagu_[a-z_]+)(?:\{([^}]*)\})?", README)


def test_each_series_that_the_readme_names_is_told() -> None:
    assert {name for name, _ in NAMED} <= LABELS.keys()


def test_each_figure_of_ours_is_alerted_on() -> None:
    named = {name for name, _ in NAMED}
    families = {family.name for figure in FIGURES for family in figure.describe()}
    assert {each for each in families if not any(name.startswith(each) for name in named)} == set()


def test_each_series_has_the_labels_that_it_is_asked_for() -> None:
    asked = [(name, *part) for name, given in NAMED for part in re.findall(r'(\w+)!?="(\w+)"', given)]
    assert asked
    for name, label, value in asked:
        kind, *_ = LABELS[name]
        assert label in LABELS[name]
        if label == "outcome":
            assert value in OUTCOMES[kind]
        if label == "job":
            assert value in JOBS
