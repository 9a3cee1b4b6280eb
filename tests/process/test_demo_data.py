"""The commands that load and verify a retailer's data."""

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.process.servers import run

pytestmark = pytest.mark.process

VERIFICATIONS = ("verify-points", "verify-stock")


@pytest.mark.parametrize("command", VERIFICATIONS)
def test_a_folder_without_a_database_is_not_called_sound(data_folder: Path, command: str) -> None:
    status, output = run(command, "--data-dir", str(data_folder))
    assert status == 2
    assert "there is no database in" in output
    assert not data_folder.exists()


def test_production_gets_no_demo_retailer(mongodb_uri: str) -> None:
    settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_ENVIRONMENT": "production"}
    assert run("demo-data", TSUNAGU_MONGODB_DATABASE="test_production", **settings)[0] == 1


def test_a_larger_demo_retailer_can_be_loaded(data_folder: Path) -> None:
    settings = {"TSUNAGU_DATA_DIR": str(data_folder)}
    status, output = run("demo-data", "--members", "700", "--stores", "120", "--skus", "200", **settings)
    assert status == 0, output
    assert "700 members, 120 stores and 200 SKUs are loaded; they take " in output
    assert run("demo-data", **settings)[0] == 1
    assert run("index-products", **settings) == (0, "86 products are indexed.\n")
    for verification in VERIFICATIONS:
        status, output = run(verification, **settings)
        assert status == 0
        assert "none with faults" in output


def test_many_processes_load_the_same_as_one(mongodb_uri: str) -> None:
    hashes = []
    for processes in ("1", "3"):
        name = f"test_loaded_by_{processes}"
        settings = {"MONGODB_URI": mongodb_uri, "TSUNAGU_MONGODB_DATABASE": name}
        wanted = ("--members", "3700", "--skus", "1", "--processes", processes)
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            client.drop_database(name)
            status, output = run("demo-data", *wanted, **settings)
            assert status == 0, output
            hashes.append(client[name].command("dbHash")["collections"])
            client.drop_database(name)
    one, many = hashes
    assert one.keys() == many.keys()
    assert {name for name, of_one in one.items() if of_one != many[name]} == {
        "staff"
    }  # whose PINs are salted
