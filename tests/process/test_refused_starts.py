"""What a server says that cannot start: one line each, and never a secret."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.process.servers import ROOT, run

pytestmark = pytest.mark.process


def test_a_port_in_use_is_said(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, output = run("serve", "--port", str(port), "--data-dir", str(data_folder))
    assert status == 2
    assert output == f"tsunagu: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_an_address_that_is_none_is_said(data_folder: Path) -> None:
    status, output = run("serve", "--host", "no.such.host.invalid", "--data-dir", str(data_folder))
    assert status == 2
    assert output.startswith("tsunagu: cannot listen on no.such.host.invalid:8000: ")
    assert output.count("\n") == 1
    status, output = run("serve", "--port", "70000", "--data-dir", str(data_folder))
    assert status == 2
    assert "must lie between 0 and 65535" in output


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, output = run("serve", "--port", "0", "--data-dir", str(tmp_path / "file"))
    assert status == 2
    assert output.startswith("tsunagu: the data folder ")
    assert output.count("\n") == 1


@pytest.mark.parametrize("uri", ["", "postgres://127.0.0.1/", "mongodb://user:secret@/"])
def test_an_address_of_mongodb_that_is_none_is_said(data_folder: Path, uri: str) -> None:
    status, output = run("serve", "--port", "0", "--data-dir", str(data_folder), MONGODB_URI=uri)
    assert status == 2
    assert output.startswith("tsunagu: MONGODB_URI: ")
    assert output.count("\n") == 1
    assert "secret" not in output


def test_a_bad_setting_stops_the_start_with_one_line(data_folder: Path) -> None:
    status, output = run("serve", "--data-dir", str(data_folder), TSUNAGU_CHECK_IN_POINTS="many")
    assert status == 2
    assert output.startswith("tsunagu: TSUNAGU_CHECK_IN_POINTS: ")
    assert output.count("\n") == 1


def test_without_any_mongodb_three_ways_out_are_named(data_folder: Path) -> None:
    """A PATH without mongod, and an environment in which the wheel is not installed."""
    code = (
        "import sys, app.shared.mongodb.mongod as m; m.WHEEL = 'no-such-wheel';"
        "from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", "--data-dir", str(data_folder)],
        cwd=ROOT, env={"PATH": "/nowhere"},
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    for way_out in ("MONGODB_URI", "`embedded`", "PATH"):
        assert way_out in answer.stderr


def test_a_mongodb_that_does_not_answer_stops_the_start_with_one_line(data_folder: Path) -> None:
    uri = "mongodb://user:secret@127.0.0.1:9/?replicaSet=none"
    status, output = run("serve", "--port", "0", "--data-dir", str(data_folder), MONGODB_URI=uri)
    assert status == 2
    assert output.startswith("tsunagu: MONGODB_URI: MongoDB does not answer: ")
    assert output.count("\n") == 1
    assert "secret" not in output
