"""Options that commands share."""

import argparse
import os
from pathlib import Path

from app.shared.logging import configure_logging
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir", type=Path, help="where keys and data are kept, seen from the project's root"
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings, the options having the last word; logging goes by them from here on."""
    if options.data_dir is not None:
        os.environ["TSUNAGU_DATA_DIR"] = str(options.data_dir)
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    return settings


def add_store(parser: argparse.ArgumentParser, help: str) -> None:
    parser.add_argument("--store", metavar="CODE", help=help)


def at_least_one(text: str) -> int:
    """A count from an argument."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def port(text: str) -> int:
    """A port from an argument; 0 stands for a free one."""
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("must lie between 0 and 65535")
    return number
