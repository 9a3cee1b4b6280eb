"""What tests arrange in a database before they act."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from app.auth.actor import OPERATOR, PartnerActor, StaffActor
from app.auth.partners import Partner, PartnerRepository
from app.auth.roles import Role
from app.auth.sessions import SessionRepository, StaffSession
from app.catalog.category_tree import CategoryTree
from app.catalog.documents import document_of as product_document
from app.catalog.model import Product
from app.catalog.repository import PRODUCTS, CategoryRepository, ProductRepository
from app.catalog.search_repository import PRODUCT_SEARCH
from app.catalog.search_repository import document_of as search_document
from app.consents.model import ConsentKind, ConsentWish
from app.demo.catalog import demo_categories, demo_products, table_sku_count
from app.messages.model import MessageChannel
from app.messages.outbox import DevelopmentOutbox
from app.services import Services
from app.shared.channels import Channel
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.sign_in.model import CodeGiven
from app.staff.model import NewStaffMember, StaffMember
from app.stores.model import Store
from app.stores.repository import StoreRepository
from tests.catalog_examples import a_product, a_sku

PIN = "620471"
WRONG_PIN = "620472"
NEW_PIN = "918273"
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


async def add_stores(database: Database, *stores: Store) -> None:
    async def act(session: Session) -> None:
        await StoreRepository(database).add_many(stores, session)

    await database.transaction(act)


async def a_guest(services: Services, device: str = "device") -> str:
    """The id of a new member."""
    registered = await services.members.register_guest(f"{device}-{new_id()}", None, Language.JA, A_NETWORK)
    return registered.member.id


CODE_SENT = re.compile(r"\b\d{6}\b")
A_NETWORK = "192.0.2.1"


async def a_code(services: Services, destination: str, network: str = A_NETWORK) -> CodeGiven:
    """A code that was asked for and is read in the development outbox."""
    sent = await services.sign_in.send_code(MessageChannel.EMAIL, destination, network, Language.JA)
    message = (await DevelopmentOutbox(services.database, services.clock).newest())[0].message
    assert message.destination == destination.lower()
    return CodeGiven(sent.challenge_id, CODE_SENT.findall(message.text)[0], network)


async def a_member(services: Services, destination: str) -> str:
    """The id of the member with this email address, who signs in."""
    signed_in = await services.sign_in.sign_in(
        await a_code(services, destination), None, Language.JA, caller=None
    )
    return signed_in.member.id


async def allow(
    services: Services, member_id: str, *kinds: ConsentKind, is_given: bool = True, text_version: str = "v1"
) -> None:
    """Has the member give these consents, or withdraw them; PERSONALIZATION unless told."""
    decisions = tuple((kind, is_given) for kind in kinds or (ConsentKind.PERSONALIZATION,))
    await services.consents.decide(member_id, ConsentWish(decisions, text_version, Channel.ONLINE))


async def a_staff_member(services: Services, role: Role, store_id: str | None = None) -> StaffMember:
    """A new staff member whose PIN is PIN."""
    new = NewStaffMember(new_id()[-12:].upper(), "Mori", role, store_id, PIN, "en")
    return await services.staff.add(OPERATOR, new)


async def a_device(services: Services, store_id: str | None = None, name: str = "Counter 1") -> str:
    """The token of a newly enrolled device."""
    made = await services.store_devices.create_enrolment_code(OPERATOR, store_id, name)
    _, token = await services.store_devices.enrol(made.code, "127.0.0.1")
    return token


@dataclass(frozen=True)
class OnShift:
    """A staff member who is signed in."""

    member: StaffMember
    actor: StaffActor
    device_token: str
    access_token: str
    refresh_token: str


async def on_shift(services: Services, member: StaffMember, device_token: str) -> OnShift:
    """The staff member, signed in on the device."""
    signed_in = (await services.staff_sign_in.sign_in(device_token, member.code, PIN)).signed_in
    actor = services.access_tokens.verify(signed_in.access_token, services.clock.now())
    assert isinstance(actor, StaffActor)
    return OnShift(member, actor, device_token, signed_in.access_token, signed_in.refresh_token)


async def signing_in(services: Services, device_token: str, code: str, pin: str) -> str:
    """The refusal's code, or that she is signed in."""
    try:
        await services.staff_sign_in.sign_in(device_token, code, pin)
    except Refusal as refusal:
        return refusal.code
    return "signed in"


async def a_shift(services: Services, role: Role, store_id: str | None = None) -> OnShift:
    """A new staff member who is signed in on a new device of her store."""
    member = await a_staff_member(services, role, None if role is Role.HEADQUARTERS else store_id)
    return await on_shift(services, member, await a_device(services, store_id))


async def admit(services: Services, *callers: PartnerActor | StaffActor) -> None:
    """Makes partners and shifts of these callers, whom a test has thought up."""
    now = services.clock.now()
    for caller in callers:
        if isinstance(caller, PartnerActor):
            partner = Partner(
                caller.partner_id, "Partner", caller.scopes, caller.channels, caller.store_ids, (), now
            )
            await PartnerRepository(services.database).add(partner, None)
            continue
        shift = StaffSession(
            id=caller.session_id,
            language=caller.language,
            refresh_token_hash=new_id(),
            token_family=new_id(),
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=1),
            staff_id=caller.staff_id,
            role=caller.role,
            store_id=caller.store_id,
            device_id=caller.device_id,
        )
        await SessionRepository(services.database).add(shift, None)


async def add_skus(database: Database, *ids: str) -> None:
    """Products with these SKUs, and nothing else to them."""
    skus = tuple(a_sku(id=id) for id in ids)
    products = [a_product(skus=skus[start : start + 100]) for start in range(0, len(skus), 100)]
    await ProductRepository(database).add_many(products, session=None)


async def add_catalog(database: Database, skus: int | None = None) -> list[Product]:
    """The demo retailer's catalogue; the handwritten one unless told how many SKUs."""
    products, kept, searched = _catalog(skus or table_sku_count())
    await CategoryRepository(database).replace_tree(CategoryTree(demo_categories()), 0, session=None)
    for start in range(0, len(products), 500):
        batch = slice(start, start + 500)
        await database.collection(PRODUCTS).insert_many(kept[batch], session=None)
        await database.collection(PRODUCT_SEARCH).insert_many(searched[batch], session=None)
    return list(products)


@cache
def _catalog(skus: int) -> tuple[list[Product], list[Document], list[Document]]:
    """The products, and their documents: many tests want them, and to find the terms of search takes time."""
    products = list(demo_products(skus, NOON))
    return products, [*map(product_document, products)], [*map(search_document, products)]
