"""Whatever the schema allows, and much that it does not, is answered without a fault of ours."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.process.servers import ROOT, Server, serving

EXAMPLES_A_FIELD = 3
CHECKS = "tests.process.schemathesis_checks"
# Whoever has signed out is told nothing of what comes after.
LEFT_OUT = ("--exclude-name", "Mutation.signOut", "--exclude-name", "Mutation.signOutEverywhere")


@dataclass(frozen=True)
class Fuzzed:
    """A server of a retailer of its own, as headquarters may do anything to it, and who speaks to it."""

    server: Server
    headers: dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """All sign in before anything odd is sent."""
    folder = tmp_path_factory.mktemp("fuzzed")
    with serving(folder) as server:
        _, member = server.register("a-phone-of-schemathesis-1")
        headquarters = server.sign_in_staff("HONBU1", "305918", "umeda")
        tokens = {"member": member, "headquarters": headquarters}
        headers = {name: ("--header", f"Authorization: Bearer {token}") for name, token in tokens.items()}
        yield Fuzzed(server, {"stranger": (), **headers})
    shutil.rmtree(folder)


@pytest.mark.process
@pytest.mark.parametrize("caller", ["stranger", "member", "headquarters"])
def test_schemathesis_finds_no_fault(fuzzed: Fuzzed, tmp_path: Path, caller: str) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", fuzzed.server.address + "/graphql",
        "--checks", "nothing_broke", "--max-examples", str(EXAMPLES_A_FIELD),
        "--phases", "fuzzing", "--seed", "20261121", *LEFT_OUT, *fuzzed.headers[caller],
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": CHECKS},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
    wanted, tested = re.findall(r"(?:Selected|Tested): (\d+)", done.stdout)
    assert int(tested) == int(wanted) > 100
