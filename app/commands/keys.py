"""`keys`: shows the keys that sign access tokens, and makes the next one."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from app.auth.keys import KEYS_FOLDER, KeyRing, SigningKeyError, has_keys, rotate
from app.commands.options import add_data_dir, settings_of
from app.shared.clock import SystemClock


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("keys", help="look after the keys that sign access tokens")
    add_data_dir(parser)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="show the keys").set_defaults(run=run_list)
    actions.add_parser("rotate", help="make the next key; it signs from a minute on").set_defaults(
        run=run_rotate
    )


def run_list(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    ring = KeyRing(_folder(options), now)
    signing = ring.signing_key(now)
    for key in ring.all():
        print(f"{key.id}  signs from {_moment(key.signs_from)}{'  (signs now)' if key == signing else ''}")
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    key = rotate(_folder(options), SystemClock().now())
    print(f"{key.id} signs from {_moment(key.signs_from)}; every server knows it by then.")
    return 0


def _folder(options: argparse.Namespace) -> Path:
    """The folder of a server that has run. Raises SigningKeyError for any other."""
    folder = settings_of(options).data_dir / KEYS_FOLDER
    if not has_keys(folder):
        raise SigningKeyError(f"there are no keys in {folder}; name another folder with --data-dir")
    return folder


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else "the beginning"
