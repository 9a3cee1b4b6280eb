"""GraphQL over HTTP to the letter, as the npm package graphql-http audits it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.process.servers import Server

AUDITS = Path(__file__).with_name("audits")


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """The audit script with what it needs."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on this machine")
    folder = tmp_path / "audits"
    shutil.copytree(AUDITS, folder)
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.skip(f"npm could not install graphql-http: {done.stderr.strip()[-200:]}")
    return folder / "audit.mjs"


@pytest.mark.process
def test_all_61_audits_are_well(server: Server, audit: Path) -> None:
    command = ["node", str(audit), server.address + "/graphql"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout == "61 of 61 audits are well\n"
