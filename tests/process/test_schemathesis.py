"""Whatever the schema allows, and much that it does not, is answered without a fault of ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.servers import ROOT, serving

EXAMPLES_A_FIELD = 10
CHECKS = "tests.process.schemathesis_checks"
SECONDS = 20  # and then it stops, whatever is left


@pytest.mark.process
@pytest.mark.parametrize("caller", ["stranger", "member", "headquarters"])
def test_schemathesis_finds_no_fault(data_folder: Path, tmp_path: Path, caller: str) -> None:
    with serving(data_folder) as server:
        headers = []
        if caller == "member":
            _, token = server.register("a-phone-of-schemathesis-1")
            headers = ["--header", f"Authorization: Bearer {token}"]
        if caller == "headquarters":
            token = server.sign_in_staff("HONBU1", "305918", "umeda")
            headers = ["--header", f"Authorization: Bearer {token}"]
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", server.address + "/graphql",
            "--checks", "nothing_broke", "--max-examples", str(EXAMPLES_A_FIELD),
            "--phases", "fuzzing", "--seed", "20261121", "--max-time", str(SECONDS), *headers,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": CHECKS},
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
    (generated,) = re.findall(r"(\d+) generated", done.stdout)
    assert int(generated) > 50
