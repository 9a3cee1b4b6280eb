"""The demo retailer as the official operations need it: who calls, and what there is to call about."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, cycle

from app.auth.actor import OPERATOR, PartnerActor, StaffActor, actor_of
from app.auth.partners import Scope
from app.auth.roles import Role
from app.auth.sessions import SessionRepository, StaffSession
from app.catalog.model import Product
from app.consents.model import ConsentKind, ConsentWish
from app.demo.catalog import demo_products
from app.demo.retailer import demo_stores
from app.news.model import News, NewsAudience, NewsDraft, NewsPush
from app.offers.model import Benefit, BenefitKind, Distribution, Offer, OfferLimits, OfferMove, OfferTerms
from app.orders.model import Order, SlotWindow
from app.orders.states import OrderState
from app.orders.wishes import OrderWish, WantedLine
from app.payments.model import PaymentMethod
from app.point_rules.model import PointCampaign
from app.services import Services
from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import Session
from app.staff.model import StaffMember
from app.staff.pins import PinHasher
from app.staff.repository import StaffRepository
from app.stores.model import Store
from app.stores.repository import StoreRepository
from bench.pickups import Pickups, pickups_at, stock_up
from bench.regulars import Customer, Regular, add_regulars, new_regular

ALWAYS_OPEN = "umeda"
PIN = "620471"
LOOPBACK = "127.0.0.1"
MEMBERS_AT_ONCE = 500
A_SHIFT = timedelta(hours=12)
STAFFED_STORES = 8
NOWHERE = GeoPoint(0.0, 0.0)  # in the Gulf of Guinea, where no other store is near


@dataclass(frozen=True, slots=True)
class Shift:
    """A staff member who is signed in on a device."""

    member: StaffMember
    actor: StaffActor
    device_token: str
    access_token: str


@dataclass(frozen=True, slots=True)
class PartnerOnline:
    """A partner with its token."""

    actor: PartnerActor
    access_token: str


class House:
    """Makes members, staff, partners, orders and offers in a database that has the demo retailer."""

    def __init__(self, services: Services, stores: Sequence[Store], products: Sequence[Product]) -> None:
        self.services = services
        self.stores = stores
        self.products = products
        self.sku_ids = [sku.id for product in products for sku in product.skus]
        self.store = next(each for each in stores if each.code == ALWAYS_OPEN)
        self.news_stores: Sequence[Store] = [self.store]
        self.numbers = count(1)
        self.pickups = self._staffed_pickups()
        self.goods = self.pickups.sku_ids
        prices = {sku.id: sku.price.amount for product in products for sku in product.skus}
        self.goods_by_price = sorted(self.goods, key=lambda each: prices[each])
        self._windows: Iterator[SlotWindow] = cycle(self.pickups.windows)
        self._newcomers: list[Regular] = []
        self._registering = asyncio.Lock()
        self._clerks: dict[str, Shift] = {}
        self._headquarters: Shift | None = None
        self._pin_hash: str | None = None
        self._claimed_offer: Offer | None = None
        self._store_news: News | None = None
        self._partner: PartnerOnline | None = None

    @classmethod
    async def open(cls, services: Services, stores: int, skus: int, seed: int) -> "House":
        """The house on the demo retailer that was loaded with these numbers; brings it goods to sell."""
        products = list(demo_products(skus, services.clock.now()))
        house = cls(services, demo_stores(stores, seed), products)
        await stock_up(services, house.pickups)
        return house

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def key(self) -> str:
        """A new idempotency key."""
        return f"bench-{new_id()}"

    async def customer(self) -> Customer:
        """A member whom nobody else has."""
        async with self._registering:  # nobody is given away before all is written
            if not self._newcomers:
                newcomers = [new_regular(self.store, self.services) for _ in range(MEMBERS_AT_ONCE)]
                await add_regulars(newcomers, self.services.database)
                self._newcomers = newcomers
            return self._newcomers.pop().customer

    async def allow(self, customer: Customer) -> None:
        """Has her agree to everything."""
        decisions = tuple((kind, True) for kind in ConsentKind)
        await self.services.consents.decide(customer.id, ConsentWish(decisions, "v1", Channel.ONLINE))

    async def shift(self, role: Role, store: Store | None = None) -> Shift:
        """A new staff member who is signed in on a new device. PINs are hashed once: it takes long."""
        services, store_id, now = self.services, store.id if store else None, self.now
        if self._pin_hash is None:
            self._pin_hash = await PinHasher().hash(PIN)
        code = f"B{new_id()[-7:].upper()}"
        member = StaffMember(new_id(), code, "Mori", role, store_id, Language.JA, added_at=now)
        await StaffRepository(services.database).add_many([(member, self._pin_hash)], session=None)
        made = await services.store_devices.create_enrolment_code(OPERATOR, store_id, "Counter")
        device, device_token = await services.store_devices.enrol(made.code, code)  # a network of her own
        shift = StaffSession(
            id=new_id(),
            language=member.language,
            refresh_token_hash=new_id(),
            token_family=new_id(),
            created_at=now,
            last_used_at=now,
            expires_at=now + A_SHIFT,
            ends_at=now + A_SHIFT,
            staff_id=member.id,
            role=role,
            store_id=store_id,
            device_id=device.id,
        )
        await SessionRepository(services.database).add(shift, None)
        actor = StaffActor(member.id, role, store_id, device.id, shift.id, member.language)
        token = services.access_tokens.issue_to_staff(actor, shift.ends_at, now).text
        return Shift(member, actor, device_token, token)

    async def clerk(self, store_id: str) -> Shift:
        """The clerk at the store's counter."""
        if store_id not in self._clerks:
            store = next(each for each in self.stores if each.id == store_id)
            self._clerks[store_id] = await self.shift(Role.COUNTER, store)
        return self._clerks[store_id]

    async def remote_store(self) -> Store:
        """A new store, far from all others."""
        id = new_id()
        store = replace(self.store, id=id, code=f"remote-{id.lower()}", location=NOWHERE)

        async def act(session: Session) -> None:
            await StoreRepository(self.services.database).add_many([store], session)

        await self.services.database.transaction(act)
        return store

    async def headquarters(self) -> Shift:
        """Somebody at headquarters."""
        if self._headquarters is None:
            self._headquarters = await self.shift(Role.HEADQUARTERS)
        return self._headquarters

    async def partner(self) -> PartnerOnline:
        """The partner that may do all that partners may."""
        if self._partner is None:
            self._partner = await self.new_partner()
        return self._partner

    async def new_partner(self) -> PartnerOnline:
        """A further such partner."""
        partner, _ = await self.services.partners.create("Bench", list(Scope))
        return PartnerOnline(actor_of(partner), self.services.partners.grant(partner, None).token.text)

    def order_wish(self) -> tuple[OrderWish, SlotWindow]:
        """Three pieces of two goods at one of the stores that have a clerk, paid with a point too."""
        window, goods = next(self._windows), self.goods_by_price[1:]
        number = next(self.numbers)
        lines = (
            WantedLine(goods[number % len(goods)], 1),
            WantedLine(goods[(number + 1) % len(goods)], 2),
        )
        return OrderWish(window.store_id, lines, window.starts_at, use_points=1), window

    async def order(self, customer: Customer, *targets: OrderState) -> Order:
        """An order of hers after these steps of the clerk's."""
        wish, _ = self.order_wish()
        placed = await self.services.orders.place(
            customer.id, wish, PaymentMethod.PAY_AT_STORE, None, None, self.key()
        )
        if not isinstance(placed, Order):
            raise TypeError("paid at the store, an order asks for no confirmation")
        clerk = await self.clerk(placed.store_id)
        for target in targets:
            placed = await self.services.counter.move(clerk.actor, placed.id, target, None)
        return placed

    async def offer(
        self, distribution: Distribution = Distribution.CLAIM, is_published: bool = True
    ) -> Offer:
        """A new offer of 100 yen."""
        terms = OfferTerms(
            names=dict.fromkeys(Language, "100"),
            descriptions=dict.fromkeys(Language, ""),
            benefit=Benefit(BenefitKind.AMOUNT, 100),
            distribution=distribution,
            starts_at=self.now - timedelta(days=1),
            ends_at=self.now + timedelta(days=30),
            limits=OfferLimits(budget=100_000_000),
        )
        offer = await self.services.offers.create(terms)
        return await self.services.offers.move(offer.id, OfferMove.PUBLISH) if is_published else offer

    async def claimed_offer(self) -> Offer:
        """The one offer that members claim."""
        if self._claimed_offer is None:
            self._claimed_offer = await self.offer()
        return self._claimed_offer

    async def news(self, *stores: Store) -> News:
        """New news for those who were at these stores; by itself for none of ours."""
        audience = NewsAudience(None, frozenset(store.id for store in stores or self.stores[-1:]))
        titles = {Language.JA: "週末セール", Language.EN: "Weekend sale"}
        ends_at = self.now + timedelta(days=7)
        draft = NewsDraft(titles, titles, None, audience, self.now, ends_at, NewsPush.NONE)
        headquarters = await self.headquarters()
        return await self.services.news.publish(draft, self.key(), headquarters.actor)

    async def store_news(self) -> News:
        """The one piece of news for those who were at the store, or at all that it is to be for."""
        if self._store_news is None:
            self._store_news = await self.news(*self.news_stores)
        return self._store_news

    async def campaign(self) -> PointCampaign:
        """A campaign that begins in a month."""
        names = dict.fromkeys(Language, "Double points")
        begins = self.now + timedelta(days=30)
        wanted = PointCampaign(
            new_id(), names, 200, begins, begins + timedelta(days=7), store_ids=frozenset({self.store.id})
        )
        return await self.services.point_rules.start_campaign((await self.headquarters()).actor, wanted)

    def substitute_for(self, order: Order) -> str:
        """The cheapest of the goods that is not of the order."""
        ordered = {line.item.sku_id for line in order.lines}
        return next(each for each in self.goods_by_price if each not in ordered)

    def _staffed_pickups(self) -> Pickups:
        """The slots of a few stores, each having a clerk; one store after the other."""
        all_of_them = pickups_at(self.stores[:STAFFED_STORES], self.sku_ids, self.now)
        windows = sorted(all_of_them.windows, key=lambda each: (each.starts_at, each.store_id))
        return Pickups(windows, all_of_them.sku_ids)
