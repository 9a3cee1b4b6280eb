"""Where the tests keep their files: databases that live for minutes need no disk to wait for."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  a file system in memory, which Linux has
NEEDED_BYTES = 12 * 1024**3  # three times what a run on four processors was seen to keep


def keep_files_in_memory() -> Path | None:
    """Has this process and its children make temporary files in memory, where there is plenty of it.

    The folder that they are in is the caller's to remove.
    """
    if "TMPDIR" in os.environ or _free_bytes() < NEEDED_BYTES:
        return None
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="tsunagu-test-", dir=MEMORY)
    return Path(tempfile.tempdir)


def _free_bytes() -> int:
    """What the file system may take, and the machine has."""
    if not MEMORY.is_dir():
        return 0
    figures = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(figures["MemAvailable"].split()[0]) * 1024
    return min(shutil.disk_usage(MEMORY).free, available)
