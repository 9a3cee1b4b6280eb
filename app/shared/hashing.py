"""Hashes of secrets."""

import hashlib


def secret_hash(secret: str) -> str:
    """What is kept of a secret that has too many random bits to be guessed: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()
