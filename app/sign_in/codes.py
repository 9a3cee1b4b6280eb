"""One-time codes: sent to an address, and given back by whoever reads there."""

from collections.abc import Collection
from datetime import timedelta

from app.messages.delivery import MessageDelivery
from app.messages.model import MessageChannel
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.i18n import Language
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
        self, channel: MessageChannel, destination: str, network: str, language: Language
    ) -> CodeSent:
        """Sends a code, good for 10 minutes and 5 tries.

        Raises DestinationInvalid, ChannelUnavailable, TooManySignInCodes or MessageNotSent.
        """
        address = rules.address_of(channel, destination, self._countries)
        if address is None:
            raise DestinationInvalid(path=["input", "destination"])
        if channel not in self._messages.channels:
            raise ChannelUnavailable(path=["input", "channel"])
        await self._require(self._codes_from_network, network, TooManySignInCodes)
        from_network = f"{address.id} from {network}"
        await self._require(CODES_TO_DESTINATION_FROM_NETWORK, from_network, TooManySignInCodes)
        await self._require(CODES_TO_DESTINATION, address.id, TooManySignInCodes)
        challenge_id, code = rules.new_challenge_id(), rules.new_code()
        expires_at = self._clock.now() + rules.CODE_GOOD_FOR
        await self._challenges.add(
            rules.challenge_key(challenge_id),
            Challenge(address, rules.code_hash(challenge_id, code)),
            rules.TRIES,
            expires_at,
        )
        await self._messages.send(code_message(address, code, self._retailer, self._host, language))
        return CodeSent(challenge_id, expires_at)

    async def check(self, given: CodeGiven) -> Address:
        """The address that the code proves. Raises SignInCodeInvalid or TooManySignInTries.

        Each try counts before it is looked at, so that tries at the same time are counted too. One for a
        challenge that never was counts for nobody: a network is shared by many.
        """
        challenge = await self._challenges.take_try(
            rules.challenge_key(given.challenge_id), self._clock.now()
        )
        if challenge is None:
            raise SignInCodeInvalid(path=["input", "code"])
        address = challenge.address
        await self._require(self._tries_from_network, given.network, TooManySignInTries)
        from_network = f"{address.id} from {given.network}"
        await self._require(TRIES_FOR_DESTINATION_FROM_NETWORK, from_network, TooManySignInTries)
        await self._require(TRIES_FOR_DESTINATION, address.id, TooManySignInTries)
        if not rules.is_code(given.code, given.challenge_id, challenge.code_hash):
            raise SignInCodeInvalid(path=["input", "code"])
        return address

    async def use_up(self, given: CodeGiven, session: Session) -> None:
        """Ends the challenge: of those who give its code, one gets in. Raises SignInCodeInvalid."""
        if not await self._challenges.remove(rules.challenge_key(given.challenge_id), session):
            raise SignInCodeInvalid(path=["input", "code"])

    async def _require(
        self, limit: RateLimit, subject: str, refusal: type[TooManySignInCodes | TooManySignInTries]
    ) -> None:
        wait = await self._limits.take(limit, subject)
        if wait:
            raise refusal(wait_seconds=wait)
