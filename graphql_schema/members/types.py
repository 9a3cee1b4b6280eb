"""Members and their cards. Readable by the member herself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import strawberry

from app.coupons.model import CouponState
from app.members import model
from app.purchases.model import SpendingBy
from app.shared.paging import PageRequest
from graphql_schema.auth.types import Session, SignInAddress, session_node, sign_in_address_node
from graphql_schema.carts.types import Cart, cart_node
from graphql_schema.check_ins.types import CheckInConnection, check_in_node
from graphql_schema.columns import column
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.consents.types import (
    Consent,
    ConsentDecisionConnection,
    consent_decision_node,
    consent_nodes,
)
from graphql_schema.context import Info
from graphql_schema.coupons.inputs import UsableAtInput
from graphql_schema.coupons.types import CouponConnection, shown_coupon
from graphql_schema.inbox.types import InboxMessageConnection, inbox_message_node
from graphql_schema.interests.types import Favourite, Interests
from graphql_schema.members.card import Card, card_of
from graphql_schema.members.rank import RankChange, rank_change_node
from graphql_schema.node import Node, encode_id, key_of
from graphql_schema.orders.inputs import OrdersWanted, filter_of
from graphql_schema.orders.types import OrderConnection, order_node
from graphql_schema.points.types import PointAccount
from graphql_schema.purchases.types import (
    PurchaseConnection,
    PurchaseFilter,
    Spending,
    purchase_filter_of,
    purchase_node,
    spending_node,
)
from graphql_schema.search_history.types import RecentSearch, recent_search_node
from graphql_schema.stores.types import Store, load_lists_of_stores

CouponStates = Annotated[
    list[CouponState] | None, strawberry.argument(description="Only coupons in these states.")
]
UsableAt = Annotated[
    UsableAtInput | None, strawberry.argument(description="Only what can be used at this store, then.")
]


@strawberry.type(description="A customer with a card. Readable by the member herself.")
class Member(Node):
    member: strawberry.Private[model.Member]

    @property
    def owner_id(self) -> str:
        return self.member.id

    @strawberry.field(description="The member number, as on the card.")
    def number(self) -> str:
        return self.member.number

    @strawberry.field(description="What she likes to be called; 1 to 40 characters.")
    def nickname(self) -> str | None:
        return self.member.profile.nickname

    @strawberry.field(description="Her birthday.")
    def birthday(self) -> date | None:
        return self.member.profile.birthday

    @strawberry.field(description="A Japanese postal code, as in `530-0001`.")
    def postal_code(self) -> str | None:
        return self.member.profile.postal_code

    @strawberry.field(description="The language we write to her in: `ja` or `en`.")
    def locale(self) -> str:
        return self.member.language.value

    @strawberry.field(description="Whether she is known by her device only.")
    def is_guest(self) -> bool:
        return self.member.is_guest

    @strawberry.field(description="When she got her card.")
    def registered_at(self) -> datetime:
        return self.member.registered_at

    @strawberry.field(description="Her card.")
    def card(self, info: Info) -> Card:
        return card_of(self.member, info)

    @strawberry.field(description="How her rank changed, the newest change first.")
    async def rank_history(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[RankChange]:
        page = await info.context.services.ranks.history(self.member, PageRequest(first, after))
        return connection_of(page, rank_change_node)

    @strawberry.field(description="Her points.")
    async def points(self, info: Info) -> PointAccount:
        points, reads = info.context.services.points, info.context.reads
        return PointAccount(account=await points.account(self.member.id, reads))

    @strawberry.field(description="Her purchases from every channel, the newest first, by when she bought.")
    async def purchases(
        self,
        info: Info,
        filter: Annotated[
            PurchaseFilter | None, strawberry.argument(description="Which of them; all without it.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> PurchaseConnection:
        page = await info.context.services.purchase_history.of_member(
            self.member.id, purchase_filter_of(filter), PageRequest(first, after)
        )
        return connection_of(page, purchase_node)

    @strawberry.field(
        description=(
            "What she spent, less what she returned: in the last 365 days unless told otherwise, in three "
            "years at the most. Months, the newest first; categories and channels, the most first."
        )
    )
    async def spending(
        self,
        info: Info,
        by: Annotated[SpendingBy, strawberry.argument(description="By what it is added up.")],
        since: Annotated[
            datetime | None, strawberry.argument(name="from", description="From this moment on.")
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(name="to", description="Until just before this moment.")
        ] = None,
    ) -> list[Spending]:
        found = await info.context.services.purchase_history.spending(self.member.id, by, since, until)
        return [spending_node(each, self.member.id) for each in found]

    @strawberry.field(description="Her check-ins, the newest first.")
    async def check_ins(self, info: Info, first: First = 20, after: After = None) -> CheckInConnection:
        page = await info.context.services.check_ins.of_member(self.member.id, PageRequest(first, after))
        return connection_of(page, check_in_node)

    @strawberry.field(description="What she thinks of ordering, the same on all her devices.")
    async def cart(self, info: Info) -> Cart:
        return cart_node(await info.context.services.carts.of_member(self.member.id))

    @strawberry.field(description="Her orders, the newest first.")
    async def orders(
        self, info: Info, filter: OrdersWanted = None, first: First = 20, after: After = None
    ) -> OrderConnection:
        page = await info.context.services.orders.of_member(
            self.member.id, filter_of(filter), PageRequest(first, after)
        )
        return connection_of(page, order_node)

    @strawberry.field(description="What she was told, and the news for her, the newest first.")
    async def inbox(
        self,
        info: Info,
        is_archived: Annotated[
            bool, strawberry.argument(description="Whether to show what she put away, instead of the rest.")
        ] = False,
        first: First = 20,
        after: After = None,
    ) -> InboxMessageConnection:
        request = PageRequest(first, after)
        page = await info.context.services.inbox.page(self.member.id, is_archived, request)
        return connection_of(page, inbox_message_node)

    @strawberry.field(description="How many messages in her inbox she has neither read nor put away.")
    async def unread_messages(self, info: Info) -> int:
        return await info.context.services.inbox.unread(self.member.id, info.context.reads, self.member)

    @strawberry.field(
        description=(
            "Her coupons, the newest first, all or in these states. With `usableAt`, those that can be used "
            "there and then, whatever is bought, of at most 100 that expire soonest."
        )
    )
    async def coupons(
        self,
        info: Info,
        state: CouponStates = None,
        usable_at: UsableAt = None,
        first: First = 20,
        after: After = None,
    ) -> CouponConnection:
        wallet, request = info.context.services.coupons.wallet, PageRequest(first, after)
        if usable_at is not None:
            store_id = key_of(usable_at.store_id, "Store", ["usableAt", "storeId"])
            page = await wallet.usable_at(self.member.id, store_id, usable_at.at, request)
        else:
            page = await wallet.page(self.member.id, frozenset(state or ()), request, info.context.reads)
        return connection_of(page, lambda held: shown_coupon(held, info))

    @strawberry.field(description="The devices she is signed in on, the newest first, at most 20.")
    async def sessions(self, info: Info) -> list[Session]:
        owner = info.context.require_owner(self.owner_id)
        devices = await info.context.services.sessions.of_member(self.member.id)
        return [session_node(device, owner.session_id) for device in devices]

    @strawberry.field(description="The addresses by which she signs in, the oldest first, at most 10.")
    async def sign_in_addresses(self, info: Info) -> list[SignInAddress]:
        proven = await info.context.services.sign_in.addresses_of(self.member.id)
        return [sign_in_address_node(each, self.member.id) for each in proven]

    @column(description="Stores she marked, at most 20.")
    @staticmethod
    async def favourite_stores(members: Sequence["Member"], info: Info) -> Sequence[list[Store] | Exception]:
        return await load_lists_of_stores([each.member.profile.favourite_store_ids for each in members], info)

    @strawberry.field(description="SKUs she marked, the newest first, at most 200.")
    async def favourites(self, info: Info) -> list[Favourite]:
        marks = await info.context.services.favourites.of_member(self.member.id)
        return [Favourite(owner_id=self.member.id, mark=each) for each in marks]

    @strawberry.field(description="What she showed to like.")
    async def interests(self, info: Info) -> Interests:
        found = await info.context.services.interests.of_member(self.member.id)
        return Interests(owner_id=self.member.id, interests=found)

    @strawberry.field(description="Every kind of consent as it stands now.")
    async def consents(self, info: Info) -> list[Consent]:
        return consent_nodes(await info.context.services.consents.standing(self.member.id), self.member.id)

    @strawberry.field(description="All that she decided about consents, the newest first.")
    async def consent_history(
        self, info: Info, first: First = 20, after: After = None
    ) -> ConsentDecisionConnection:
        page = await info.context.services.consents.history(self.member.id, PageRequest(first, after))
        return connection_of(page, lambda entry: consent_decision_node(entry.decision, self.member.id))

    @strawberry.field(
        description=(
            "What she searched for, the newest first, at most 50, each once; kept only while she allows "
            "PERSONALIZATION."
        )
    )
    async def recent_searches(self, info: Info) -> list[RecentSearch]:
        found = await info.context.services.search_history.of_member(self.member.id)
        return [recent_search_node(each, self.member.id) for each in found]

    @strawberry.field(description="Codes of the categories she marked, at most 20.")
    def favourite_categories(self) -> list[str]:
        return list(self.member.profile.favourite_categories)


def member_node(member: model.Member) -> Member:
    return Member(id=encode_id("Member", member.id), member=member)
