"""Trusted documents: the official client operations, known by the SHA-256 of their text.

A client may send the hash alone, as `documentId` (`sha256:` in front or not) or in
`extensions.persistedQuery.sha256Hash`. An unknown hash is refused, never learned.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.telemetry.observation import name_operation

OPERATIONS = Path(__file__).parent / "operations"
PREFIX = "sha256:"


class DocumentRefused(Exception):
    """The request names no document that may be run; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def document_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# The text of each official operation, by the name of its file.
TEXTS: Mapping[str, str] = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(OPERATIONS.glob("*.graphql"))
}

TRUSTED: Mapping[str, str] = {document_hash(text): text for text in TEXTS.values()}

# The hash of each official operation, by the name of its file.
HASHES: Mapping[str, str] = {name: document_hash(text) for name, text in TEXTS.items()}


# The name of each official operation, by its text.
_NAMES: Mapping[str, str] = {text: name for name, text in TEXTS.items()}


def observe_document(text: str | None) -> None:
    """Has the running operation observed by its name, if it is an official one."""
    name = _NAMES.get(text) if text else None
    if name is not None:
        name_operation(name)


def trusted_document(document_id: object, extensions: Mapping[str, Any] | None) -> str | None:
    """The document that a request names by its hash; None when it names none. Raises DocumentRefused."""
    persisted = (extensions or {}).get("persistedQuery")
    named = document_id
    if named is None and isinstance(persisted, dict):
        named = persisted.get("sha256Hash")
    if named is None:
        return None
    text = TRUSTED.get(named.removeprefix(PREFIX)) if isinstance(named, str) else None
    if text is None:
        raise DocumentRefused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    return text


def require_trusted(query: str) -> None:
    """Raises DocumentRefused for a text that is none of the trusted documents."""
    if document_hash(query) not in TRUSTED:
        raise DocumentRefused("DOCUMENT_NOT_TRUSTED", "Only the official operations can be sent here.")
