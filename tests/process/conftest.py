"""A retailer that servers come to and go from: what the first start makes is made once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.servers import Server, run, serving


@pytest.fixture(scope="session")
def retailer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with the demo retailer, for tests that mind neither members nor visits of others."""
    folder = tmp_path_factory.mktemp("retailer") / "data"
    status, output = run("demo-data", "--data-dir", str(folder))
    assert status == 0, output
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(retailer: Path) -> Iterator[Server]:
    """A server of that retailer, for tests that leave it running and its settings as they are."""
    with serving(retailer) as server:
        yield server
