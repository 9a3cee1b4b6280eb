"""The README's tour, pasted as a reader would."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from graphql_schema.schema import schema
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import ROOT, serving

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README[README.index("## A tour") : README.index("## How it behaves")]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TOUR, re.DOTALL)


def without_what_changes(answer: str) -> str:
    """Tokens, member numbers and dates differ from day to day."""
    answer = re.sub(r',"extensions":{"cost":{[^}]*}}', "", answer)
    answer = re.sub(r'"(accessToken|number|memberNumber)":"[^"]*"', r'"\1":""', answer)
    return re.sub(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?", "", answer)


@pytest.mark.process
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_commands_of_the_tour_give_the_answers_it_shows(data_folder: Path) -> None:
    with serving(data_folder) as server:
        script = "\n".join(blocks("sh")).replace("http://127.0.0.1:8000", server.address)
        script = script.replace(".venv/bin/python", sys.executable)
        environment = {**os.environ, "TSUNAGU_DATA_DIR": str(data_folder)}
        output = subprocess.run(
            ["bash", "-c", script],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True,
        )  # fmt: skip
    answers = [without_what_changes(line) for line in output.stdout.splitlines()]
    assert answers == [without_what_changes(line) for block in blocks("json") for line in block.splitlines()]
    assert all(json.loads(answer)["data"] for answer in answers)


def test_the_queries_of_the_tour_fit_the_schema() -> None:
    built = build_schema(schema.as_str())
    assert blocks("graphql")
    for query in blocks("graphql"):
        assert validate(built, parse(query)) == []
