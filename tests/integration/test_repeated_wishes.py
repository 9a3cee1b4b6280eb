"""What headquarters and partners make, wished again with the same key: made once, its secret told again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.auth.actor import StaffActor
from app.auth.roles import Role
from app.composition import build_services
from app.point_rules.model import PointCampaign
from app.services import Services
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.idempotency import (
    IDEMPOTENCY_KEYS,
    SECRETS_TOLD_AGAIN_FOR,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotentRequest,
    SecretToldAlready,
)
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.settings.model import Settings
from app.staff.device_repository import ENROLMENT_CODES
from app.staff.errors import EnrolmentCodeInvalid
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES
from app.webhooks.model import PING
from tests.arrangements import A_NETWORK, a_shift
from tests.conftest import MovableClock
from tests.integration.faults import Accident, Death, FaultyDatabase, Line, Moment
from tests.offer_examples import some_terms
from tests.webhook_arrangements import a_listener, an_endpoint, machinery, owner_of

KEY = "key-of-a-wish-that-is-made-once"
URL = "https://hooks.example/tsunagu"
AT_ONCE = 32

Act = Callable[[Services, IdempotentRequest], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True)
class Wish:
    """Something that is asked for, and where each time that it happened is to be seen.

    It tells the ids of what was made, and last the secret if there is one.
    """

    act: Act
    kept_in: CollectionDefinition
    query: Document


async def an_offer(services: Services, by: StaffActor) -> Wish:
    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        return ((await services.offers.create(some_terms(), request)).id,)

    return Wish(act, EVENTS, {"type": "OfferCreated"})


async def a_campaign(services: Services, by: StaffActor) -> Wish:
    now = services.clock.now()
    names = {Language.JA: "ポイント2倍", Language.EN: "Double points"}

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        wanted = PointCampaign("", names, 200, now, now + timedelta(days=1))
        return ((await services.point_rules.start_campaign(by, wanted, request)).id,)

    return Wish(act, EVENTS, {"type": "PointCampaignStarted"})


async def a_partner(services: Services, by: StaffActor) -> Wish:
    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        partner, secret = await services.partners.create("Till", [], by=by, request=request)
        assert await services.partners.authenticate(partner.id, secret) == partner
        return partner.id, secret

    return Wish(act, EVENTS, {"type": "PartnerCreated", "data.by": by.staff_id})


async def a_partner_secret(services: Services, by: StaffActor) -> Wish:
    partner, first_secret = await services.partners.create("Till", [])

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        secret = await services.partners.rotate_secret(partner.id, by, request)
        for each in (first_secret, secret):
            assert await services.partners.authenticate(partner.id, each)
        return (secret,)

    return Wish(act, EVENTS, {"type": "PartnerSecretRotated"})


async def a_webhook_endpoint(services: Services, by: StaffActor) -> Wish:
    partner = await a_listener(services)

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        endpoint, secret = await services.webhooks.create(URL, ["CheckedIn"], partner, request=request)
        return endpoint.id, secret

    return Wish(act, EVENTS, {"type": "WebhookEndpointCreated"})


async def a_webhook_secret(services: Services, by: StaffActor) -> Wish:
    endpoint = await an_endpoint(services, 1)

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        rotated, secret = await services.webhooks.rotate_secret(endpoint.id, by, request)
        assert rotated.secrets[1].key == endpoint.secrets[0].key
        return rotated.id, secret

    return Wish(act, EVENTS, {"type": "WebhookSecretRotated"})


async def no_webhook_endpoint(services: Services, by: StaffActor) -> Wish:
    endpoint = await an_endpoint(services, 1)

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        await services.webhooks.remove(endpoint.id, by, request)
        return ()

    return Wish(act, EVENTS, {"type": "WebhookEndpointRemoved"})


async def a_ping(services: Services, by: StaffActor) -> Wish:
    endpoint = await an_endpoint(services, 1)

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        return ((await services.webhooks.ping(endpoint.id, by, request)).id,)

    return Wish(act, WEBHOOK_DELIVERIES, {"event_type": PING})


async def a_replay(services: Services, by: StaffActor) -> Wish:
    endpoint = await an_endpoint(services, 1)
    delivery = await services.webhooks.ping(endpoint.id, owner_of(endpoint))
    await machinery(services).deliver_due()

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        return ((await services.webhooks.replay(delivery.id, by, request)).id,)

    return Wish(act, WEBHOOK_DELIVERIES, {"_id": delivery.id, "state": "PENDING"})


async def an_enrolment_code(services: Services, by: StaffActor) -> Wish:
    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        return ((await services.store_devices.create_enrolment_code(by, None, "Office", request)).code,)

    return Wish(act, ENROLMENT_CODES, {})


async def an_enrolled_device(services: Services, by: StaffActor) -> Wish:
    made = await services.store_devices.create_enrolment_code(by, None, "Office")

    async def act(services: Services, request: IdempotentRequest) -> tuple[str, ...]:
        device, token = await services.store_devices.enrol(made.code, A_NETWORK, request.key)
        return device.id, token

    return Wish(act, EVENTS, {"type": "DeviceEnrolled", "data.name": "Office"})


WITH_SECRETS = [
    a_partner, a_partner_secret, a_webhook_endpoint, a_webhook_secret, an_enrolment_code, an_enrolled_device,
]  # fmt: skip
WISHES = [an_offer, a_campaign, *WITH_SECRETS, no_webhook_endpoint, a_ping, a_replay]
Making = Callable[[Services, StaffActor], Awaitable[Wish]]


def named(makings: list[Making]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("making", makings, ids=lambda each: each.__name__)


@pytest.fixture
async def headquarters(services: Services) -> StaffActor:
    return (await a_shift(services, Role.HEADQUARTERS)).actor


def a_request(key: str = KEY, content: str = "the same") -> IdempotentRequest:
    return IdempotentRequest("staff:mori", "act", key, {"content": content})


async def effects(database: Database, wish: Wish) -> int:
    return await database.collection(wish.kept_in).count(wish.query)


@named(WISHES)
async def test_of_many_at_once_with_one_key_one_is_done_and_all_are_told_of_it(
    services: Services, database: Database, headquarters: StaffActor, making: Making
) -> None:
    wish = await making(services, headquarters)
    before = await effects(database, wish)
    at_once = 8 if making is a_ping else AT_ONCE  # more pings a minute are refused
    told = await asyncio.gather(*(wish.act(services, a_request()) for _ in range(at_once)))
    assert set(told) == {told[0]}
    assert await wish.act(services, a_request()) == told[0]
    assert await effects(database, wish) == before + 1


@named(WISHES)
@pytest.mark.parametrize("moment", Moment)
async def test_who_lost_the_answer_is_told_it_and_it_is_done_once(
    settings: Settings,
    services: Services,
    database: Database,
    clock: MovableClock,
    headquarters: StaffActor,
    making: Making,
    moment: Moment,
) -> None:
    """The process dies at each of its commands in turn, before or after MongoDB has done it."""
    line = Line()
    dying = build_services(settings, FaultyDatabase(database, line), clock)
    for commands in range(30):
        wish = await making(services, headquarters)
        before = await effects(database, wish)
        request = a_request(f"{KEY}-{commands}")
        line.break_after(commands, moment, Accident.DEATH)
        try:
            first = await wish.act(dying, request)
        except Death:
            first = await wish.act(services, request)
        line.mend()
        assert await wish.act(services, request) == first
        assert await effects(database, wish) == before + 1
        if not line.has_broken:
            return
    pytest.fail("it never came through")


@named([each for each in WISHES if each is not an_enrolled_device])
async def test_the_same_key_for_something_else_is_refused(
    services: Services, database: Database, headquarters: StaffActor, making: Making
) -> None:
    wish = await making(services, headquarters)
    await wish.act(services, a_request())
    done = await effects(database, wish)
    with pytest.raises(IdempotencyKeyReused):
        await wish.act(services, a_request(content="another"))
    assert await effects(database, wish) == done


@named(WITH_SECRETS)
async def test_a_secret_is_told_again_for_ten_minutes_and_our_records_do_not_tell_it(
    services: Services, database: Database, clock: MovableClock, headquarters: StaffActor, making: Making
) -> None:
    wish = await making(services, headquarters)
    told = await wish.act(services, a_request())
    clock.advance(SECRETS_TOLD_AGAIN_FOR)
    assert await wish.act(services, a_request()) == told
    clock.advance(timedelta(seconds=1))
    done = await effects(database, wish)
    with pytest.raises(SecretToldAlready):
        await wish.act(services, a_request())
    assert await effects(database, wish) == done
    records = str(await database.collection(IDEMPOTENCY_KEYS).find({}))
    assert told[-1] not in records
    assert KEY not in records


@named(WITH_SECRETS)
async def test_a_secret_wants_a_key_that_cannot_be_guessed(
    services: Services, database: Database, headquarters: StaffActor, making: Making
) -> None:
    wish = await making(services, headquarters)
    before = await effects(database, wish)
    with pytest.raises(IdempotencyKeyInvalid):
        await wish.act(services, a_request("x" * 21))
    assert await effects(database, wish) == before


async def test_a_device_that_was_enrolled_is_told_to_who_has_both_code_and_key(services: Services) -> None:
    made = await services.store_devices.create_enrolment_code(
        (await a_shift(services, Role.HEADQUARTERS)).actor, None, "Office"
    )
    device, token = await services.store_devices.enrol(made.code, A_NETWORK, KEY)
    for key in (None, f"another-{KEY}"):
        with pytest.raises(EnrolmentCodeInvalid):
            await services.store_devices.enrol(made.code, A_NETWORK, key)
    assert await services.store_devices.enrol(made.code.lower(), A_NETWORK, KEY) == (device, token)
    await services.store_devices.revoke((await a_shift(services, Role.HEADQUARTERS)).actor, device.id)
    with pytest.raises(EnrolmentCodeInvalid):
        await services.store_devices.enrol(made.code, A_NETWORK, KEY)


async def test_a_delivery_that_was_replayed_meanwhile_is_not_replayed_again(services: Services) -> None:
    endpoint = await an_endpoint(services, 1)
    owner = owner_of(endpoint)
    delivery = await services.webhooks.ping(endpoint.id, owner)
    await machinery(services).deliver_due()
    await services.webhooks.replay(delivery.id, owner, a_request())
    await machinery(services).deliver_due()
    again = await services.webhooks.replay(delivery.id, owner, a_request())
    assert (again.state, len(again.attempts)) == ("FAILED", 2)
