"""PINs are kept as Argon2id hashes (RFC 9106); each takes memory and time, so few are worked on at once."""

import asyncio
import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

PARAMETERS = RFC_9106_LOW_MEMORY  # 64 MiB
AT_ONCE = 2


class PinHasher:
    """Hashes and verifies PINs beside the event loop."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(PARAMETERS)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys = _nobodys_hash()

    async def hash(self, pin: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, pin)

    async def verify(self, pin_hash: str | None, pin: str) -> bool:
        """Whether this is the PIN; without a hash it is not, and takes as much work to find out."""
        async with self._turns:
            return await asyncio.to_thread(self._matches, pin_hash or self._nobodys, pin)

    def is_outdated(self, pin_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(pin_hash)

    def _matches(self, pin_hash: str, pin: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, pin)
        except VerifyMismatchError:
            return False


def _nobodys_hash() -> str:
    """A hash that no PIN leads to, at today's parameters."""
    costs = f"m={PARAMETERS.memory_cost},t={PARAMETERS.time_cost},p={PARAMETERS.parallelism}"
    salt, tag = secrets.token_bytes(PARAMETERS.salt_len), secrets.token_bytes(PARAMETERS.hash_len)
    return f"$argon2id$v={PARAMETERS.version}${costs}${_encoded(salt)}${_encoded(tag)}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").decode()
