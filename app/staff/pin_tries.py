"""How often PINs may be tried: on a device, with a staff code there, and with a staff code anywhere."""

from app.shared.lockouts import Lockout, Lockouts
from app.staff.errors import TooManyPinTries

DEVICE_TRIES = Lockout("device", free_tries=20)  # with whatever staff code
PIN_TRIES = Lockout("pin", free_tries=5)  # with one staff code on one device
CODE_TRIES = Lockout("staff-code", free_tries=20)  # with one staff code on all devices


class PinTries:
    """Counts the tries by what was typed, whether it is anybody's code or not, before its PIN is looked at.

    A locked device counts nothing more, so that nobody locks other people's codes from there.
    """

    def __init__(self, lockouts: Lockouts) -> None:
        self._lockouts = lockouts

    async def count(self, device_id: str, code: str | None) -> None:
        """Counts one try; None stands for what cannot be a staff code. Raises TooManyPinTries.

        Where one of the counts refuses, none of them grows.
        """
        counted: list[tuple[Lockout, tuple[str, ...]]] = []
        for lockout, subject in _counts(device_id, code):
            wait = await self._lockouts.count_try(lockout, *subject)
            if wait:
                for earlier, whose in counted:
                    await self._lockouts.take_back(1, earlier, *whose)
                raise TooManyPinTries(wait_seconds=wait)
            counted.append((lockout, subject))

    async def succeed(self, device_id: str, code: str) -> None:
        """Takes back the tries with this code on this device, and leaves the tries with other codes.

        Of two who succeed at once one takes them back; the other has nothing to, and no wait to end.
        """
        tries = await self._lockouts.forgive(PIN_TRIES, code, device_id)
        if tries:
            await self._lockouts.take_back(tries, DEVICE_TRIES, device_id)
            await self._lockouts.take_back(tries, CODE_TRIES, code)

    async def forgive(self, code: str) -> None:
        """Forgets all tries with this code: it has another PIN."""
        await self._lockouts.forgive_all(PIN_TRIES, code)
        await self._lockouts.forgive(CODE_TRIES, code)


def _counts(device_id: str, code: str | None) -> list[tuple[Lockout, tuple[str, ...]]]:
    on_device = (DEVICE_TRIES, (device_id,))
    if code is None:
        return [on_device]
    return [on_device, (PIN_TRIES, (code, device_id)), (CODE_TRIES, (code,))]
