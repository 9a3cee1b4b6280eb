"""`python -m app`: serves, or runs one of the commands that look after the data."""

import argparse
import sys
from collections.abc import Sequence

from app.auth.keys import SigningKeyError
from app.commands import (
    demo_data,
    devices,
    index_products,
    keys,
    partners,
    serve,
    staff,
    verify_points,
    verify_stock,
    worker,
)
from app.shared.database import UnsuitableMongo
from app.shared.mongod import EmbeddedMongoError
from app.shared.settings import SettingsError

COMMANDS = (
    serve,
    worker,
    demo_data,
    index_products,
    keys,
    partners,
    staff,
    devices,
    verify_points,
    verify_stock,
)


def main(arguments: Sequence[str]) -> int:
    """Runs the command named first, `serve` when none is; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app", description="The backend of a loyalty app.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help"}):
        arguments = ["serve", *arguments]
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except (SettingsError, EmbeddedMongoError, SigningKeyError, UnsuitableMongo) as error:
        print(f"tsunagu: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
