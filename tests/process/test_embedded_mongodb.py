"""MongoDB's own server as our child."""

import os
import socket
import stat
from pathlib import Path

import pytest
from pymongo import MongoClient

from app.shared.mongodb import mongod
from app.shared.mongodb.embedded import EmbeddedMongo, exit_reason, free_port
from app.shared.mongodb.mongod import (
    EmbeddedMongoError,
    bounded_cache_megabytes,
    find_mongod,
    missing_libraries,
    total_memory_bytes,
)

GIGABYTE = 1024**3


@pytest.mark.process
def test_data_stay_when_the_port_changes(data_folder: Path) -> None:
    first = EmbeddedMongo(data_folder)
    first.start()
    with MongoClient(first.uri) as client:
        client.get_database("test").things.insert_one({"_id": 1})
    first.stop()
    (data_folder / "port").write_text(str(free_port(first.port + 1)))
    second = EmbeddedMongo(data_folder)
    second.start()
    try:
        assert second.port != first.port
        with MongoClient(second.uri) as client:
            assert client.get_database("test").things.find_one() == {"_id": 1}
            assert client.admin.command("hello")["hosts"] == [f"127.0.0.1:{second.port}"]
    finally:
        second.stop()


@pytest.mark.process
def test_it_listens_on_the_loopback_address_only_with_bounds(data_folder: Path) -> None:
    server = EmbeddedMongo(data_folder, cache_megabytes=300)
    server.start()
    try:
        with MongoClient(server.uri) as client:
            options = client.admin.command("getCmdLineOpts")["parsed"]
            status = client.admin.command("serverStatus")
            limit = client.admin.command("getParameter", transactionLifetimeLimitSeconds=1)
        assert options["net"]["bindIp"] == "127.0.0.1"
        assert status["wiredTiger"]["cache"]["maximum bytes configured"] <= 300 * 1024**2
        assert limit["transactionLifetimeLimitSeconds"] == 20
        assert server.log.exists()
    finally:
        server.stop()


@pytest.mark.process
def test_a_folder_that_cannot_be_used_is_told_with_the_logs_tail(data_folder: Path) -> None:
    (data_folder / "db").mkdir(parents=True)
    (data_folder / "db" / "storage.bson").write_text("not what it should be")
    with pytest.raises(EmbeddedMongoError, match="did not start") as refused:
        EmbeddedMongo(data_folder).start()
    assert "\n" not in str(refused.value)
    assert "Unable to read the storage engine metadata file" in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "memory", "cache"),
    [
        (1024, 16 * GIGABYTE, 1024),
        (1024, 2 * GIGABYTE, 512),
        (8000, 16 * GIGABYTE, 4096),
        (1024, GIGABYTE // 2, 256),
    ],
)
def test_the_cache_is_a_quarter_of_the_memory_at_the_most(wanted: int, memory: int, cache: int) -> None:
    assert bounded_cache_megabytes(wanted, memory) == cache


def test_nobody_is_given_its_port_by_chance() -> None:
    first_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert 1024 < free_port() < first_given


def test_its_port_stays_where_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken = other.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_the_memory_is_known() -> None:
    assert total_memory_bytes() > 100 * 1024**2


def test_the_run_bit_that_pip_dropped_is_set_again() -> None:
    program = find_mongod()
    mode = program.stat().st_mode
    program.chmod(mode & ~0o111)
    try:
        assert os.access(find_mongod(), os.X_OK)
    finally:
        program.chmod(mode)


def an_executable(folder: Path, name: str, content: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{content}\n")
    program.chmod(stat.S_IRWXU)
    return program


def test_missing_libraries_are_named_with_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = "libcurl.so.4 => not found\\nlibcrypto.so.3 => not found\\nlibm.so.6 => /lib/libm.so.6 (0x1)"
    an_executable(tmp_path, "ldd", f"printf '{listing}\\n'")
    program = an_executable(tmp_path, "mongod", "exit 1")
    monkeypatch.setattr(mongod, "WHEEL", "no-such-wheel")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert missing_libraries(program) == ["libcrypto.so.3", "libcurl.so.4"]
    with pytest.raises(EmbeddedMongoError, match=r"apt-get install libcurl4 libssl3"):
        find_mongod()


def test_a_wheel_that_lacks_libraries_gives_way_to_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_executable(tmp_path, "ldd", 'case $1 in */fiftyone/*) echo "libcurl.so.4 => not found";; esac')
    program = an_executable(tmp_path, "mongod", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_mongod() == program


def test_a_mongod_on_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = an_executable(tmp_path, "mongod", "exit 1")
    monkeypatch.setattr(mongod, "WHEEL", "no-such-wheel")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_mongod() == program


def test_how_a_process_ended() -> None:
    assert exit_reason(-9) == "signal 9"
    assert exit_reason(100) == "exit status 100"
