"""One-time codes: sent to an address, and given back by whoever reads there."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from app.messages.delivery import MessageDelivery
from app.messages.errors import MessageNotSent
from app.messages.model import MessageChannel
from app.shared.clock import Clock
from app.shared.i18n import Language
from app.shared.idempotency import require_key
from app.shared.mongodb.database import Database, Session
from app.shared.rate_limits import RateLimit, RateLimits
from app.sign_in import rules
from app.sign_in.errors import (
    ChannelUnavailable,
    DestinationInvalid,
    SignInCodeInvalid,
    TooManySignInCodes,
    TooManySignInTries,
)
from app.sign_in.model import Address, Challenge, CodeGiven, CodeSent
from app.sign_in.repository import ChallengeRepository
from app.sign_in.texts import code_message

# One network has less of an address than there is, so that a stranger does not keep its owner out.
# All who guess together have 40 tries an hour against 10^6 codes: one chance in 25,000 an hour, and for that
# they have her sent at least 8 codes that she did not ask for.
HOUR = timedelta(hours=1)
CODES_TO_DESTINATION = RateLimit("sign-in-codes-to", 15, HOUR)
CODES_TO_DESTINATION_FROM_NETWORK = RateLimit("sign-in-codes-to-from", 5, HOUR)
TRIES_FOR_DESTINATION = RateLimit("sign-in-tries-for", 40, HOUR)
TRIES_FOR_DESTINATION_FROM_NETWORK = RateLimit("sign-in-tries-for-from", 15, HOUR)
WAITS_FOR_FIRST = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds
TRIES_A_CODE = 2  # of those that one network may make, on average


class SignInCodes:
    """Sends codes and checks them. Whether an address is known here makes no difference to either."""

    def __init__(
        self,
        database: Database,
        messages: MessageDelivery,
        limits: RateLimits,
        clock: Clock,
        retailer: str,
        host: str,
        countries: Collection[str],
        codes_per_network: int,
    ) -> None:
        self._challenges = ChallengeRepository(database)
        self._messages = messages
        self._limits = limits
        self._clock = clock
        self._retailer = retailer
        self._host = host
        self._countries = countries
        self._codes_from_network = RateLimit("sign-in-codes-from", codes_per_network, HOUR)
        self._tries_from_network = RateLimit("sign-in-tries-from", TRIES_A_CODE * codes_per_network, HOUR)

    async def send(
        self,
        channel: MessageChannel,
        destination: str,
        network: str,
        language: Language,
        key: str | None = None,
    ) -> CodeSent:
        """Sends a code, good for 10 minutes and 5 tries; with an idempotency key, one for each key.

        The challenge is made from the key, so that who repeats the request is told of the same one, and
        nobody who has not made the key. Should we die while the message is on its way, it may be that none
        comes: another one is asked for with another key. Raises DestinationInvalid, ChannelUnavailable,
        IdempotencyKeyInvalid, TooManySignInCodes or MessageNotSent.
        """
        if key is not None:
            require_key(key, rules.MINIMUM_KEY_LENGTH)
        address = rules.address_of(channel, destination, self._countries)
        if address is None:
            raise DestinationInvalid(path=["input", "destination"])
        if channel not in self._messages.channels:
            raise ChannelUnavailable(path=["input", "channel"])
        challenge_id = rules.challenge_id_of(key, address) if key else rules.new_challenge_id()
        challenge_key = rules.challenge_key(challenge_id)
        sent_until = await self._challenges.expiry(challenge_key, self._clock.now()) if key else None
        if sent_until is not None:
            return CodeSent(challenge_id, sent_until)
        counts = (
            self._limits.one(self._codes_from_network, network),
            self._limits.one(CODES_TO_DESTINATION_FROM_NETWORK, f"{address.id} from {network}"),
            self._limits.one(CODES_TO_DESTINATION, address.id),
        )
        for count in counts:
            wait = await count.take()
            if wait:
                raise TooManySignInCodes(wait_seconds=wait)
        code, now = rules.new_code(), self._clock.now()
        expires_at = now + rules.CODE_GOOD_FOR
        challenge = Challenge(address, rules.code_hash(challenge_id, code))
        if await self._challenges.add(challenge_key, challenge, rules.TRIES, expires_at, now):
            try:
                await self._messages.send(code_message(address, code, self._retailer, self._host, language))
            except MessageNotSent:
                await self._challenges.remove(challenge_key)
                raise
        else:
            for count in counts:
                await count.take_back()  # what is sent twice at once is one code
        return CodeSent(challenge_id, expires_at)

    async def check(self, given: CodeGiven) -> Address:
        """The address that the code proves. Raises SignInCodeInvalid or TooManySignInTries.

        Each try counts before it is looked at, so that tries at the same time are counted too. One for a
        challenge that never was counts for nobody: a network is shared by many. The same code with the same
        idempotency key takes one try from the challenge, however often it is given; who repeats it while
        the first one runs waits for that.
        """
        challenge_key, now = rules.challenge_key(given.challenge_id), self._clock.now()
        try_id = rules.try_id(given) if given.key else None
        challenge = await self._challenges.take_try(challenge_key, try_id, now)
        if challenge is None and try_id is not None:
            challenge = await self._after_first(challenge_key, try_id)
        if challenge is None:
            raise SignInCodeInvalid(path=["input", "code"])
        await self._count_try(challenge.address, given.network)
        if not rules.is_code(given.code, given.challenge_id, challenge.code_hash):
            raise SignInCodeInvalid(path=["input", "code"])
        return challenge.address

    async def use_up(self, given: CodeGiven, session: Session) -> None:
        """Ends the challenge: of those who give its code, one gets in. Raises SignInCodeInvalid."""
        if not await self._challenges.remove(rules.challenge_key(given.challenge_id), session):
            raise SignInCodeInvalid(path=["input", "code"])

    async def _after_first(self, challenge_key: str, try_id: str) -> Challenge | None:
        """The challenge for a try that was taken from it before.

        None once the first one who made it was let in. Should nothing become of that, it counts as another.
        """
        for pause in WAITS_FOR_FIRST:
            challenge = await self._challenges.tried_before(challenge_key, try_id, self._clock.now())
            if challenge is None:
                return None
            await asyncio.sleep(pause)
        return challenge

    async def _count_try(self, address: Address, network: str) -> None:
        await self._require(self._tries_from_network, network)
        await self._require(TRIES_FOR_DESTINATION_FROM_NETWORK, f"{address.id} from {network}")
        await self._require(TRIES_FOR_DESTINATION, address.id)

    async def _require(self, limit: RateLimit, subject: str) -> None:
        wait = await self._limits.take(limit, subject)
        if wait:
            raise TooManySignInTries(wait_seconds=wait)
