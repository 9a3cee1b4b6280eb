"""The MongoDB that a command works on: the one that is named, or our own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from app.shared.mongodb.embedded import DataFolderInUse, EmbeddedMongo, remembered_port, uri_at
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings

log = structlog.get_logger(__name__)


@contextmanager
def own_mongodb(settings: Settings) -> Iterator[Settings]:
    """The settings with `mongodb_uri` set; when none is named, our own MongoDB runs meanwhile.

    The address is put in the environment too, for the server processes that we start.
    """
    if settings.mongodb_uri is not None:
        yield settings
        return
    server = EmbeddedMongo(settings.data_dir / "mongodb", settings.mongodb_cache_megabytes)
    server.start()
    server.watch(lambda report: log.critical("mongodb_ended", report=report))
    os.environ["MONGODB_URI"] = server.uri
    try:
        yield load_settings()
    finally:
        del os.environ["MONGODB_URI"]
        server.stop()


@contextmanager
def shared_mongodb(settings: Settings) -> Iterator[Settings]:
    """Like `own_mongodb`, but where a server runs on our data folder already, its MongoDB is used."""
    try:
        with own_mongodb(settings) as ready:
            yield ready
    except DataFolderInUse:
        uri = uri_at(remembered_port(settings.data_dir / "mongodb"))
        yield settings.model_copy(update={"mongodb_uri": uri})
