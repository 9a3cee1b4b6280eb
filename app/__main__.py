"""`python -m app`: serves, or runs one of the commands that look after the data."""

import argparse
import gc
import sys
from collections.abc import Sequence
from importlib import import_module

from app.auth.keys import SigningKeyError
from app.shared.mongodb.database import UnsuitableMongo
from app.shared.mongodb.mongod import EmbeddedMongoError
from app.shared.processes.children import NEW_OBJECTS
from app.shared.settings.model import SettingsError

COMMANDS = (
    "serve",
    "worker",
    "demo-data",
    "index-products",
    "keys",
    "partners",
    "staff",
    "devices",
    "verify-points",
    "verify-stock",
)

# What is loaded stays: looking for garbage among it takes a fifth of a start. Children load this module too.
gc.set_threshold(NEW_OBJECTS)


def main(arguments: Sequence[str]) -> int:
    """Runs the command named first, `serve` when none is; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app", description="The backend of a loyalty app.")
    commands = parser.add_subparsers(dest="command", required=True)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help"}):
        arguments = ["serve", *arguments]
    # What one command needs is not loaded for another: the schema alone takes as long as all a command does.
    for name in arguments[:1] if arguments[0] in COMMANDS else COMMANDS:
        import_module(f"app.commands.{name.replace('-', '_')}").add_parser(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except (SettingsError, EmbeddedMongoError, SigningKeyError, UnsuitableMongo) as error:
        print(f"tsunagu: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
