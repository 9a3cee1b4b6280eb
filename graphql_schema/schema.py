"""The schema: every domain's queries and mutations, and how errors are answered."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import date, datetime
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import ParserCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import PreExecutionError

from graphql_schema.auth.mutations import AuthMutations
from graphql_schema.beacons.mutations import BeaconMutations
from graphql_schema.beacons.queries import BeaconQueries
from graphql_schema.cards.mutations import CardMutations
from graphql_schema.carts.mutations import CartMutations
from graphql_schema.catalog.mutations import CatalogMutations
from graphql_schema.catalog.queries import CatalogQueries
from graphql_schema.catalog.types import Category, Product, Sku
from graphql_schema.check_ins.mutations import CheckInMutations
from graphql_schema.check_ins.types import CheckIn
from graphql_schema.consents.mutations import ConsentMutations
from graphql_schema.coupons.mutations import CouponMutations
from graphql_schema.coupons.queries import CouponQueries
from graphql_schema.coupons.types import Coupon
from graphql_schema.events.queries import EventQueries
from graphql_schema.inbox.mutations import InboxMutations
from graphql_schema.inbox.queries import InboxQueries
from graphql_schema.inbox.subscriptions import InboxSubscriptions
from graphql_schema.interests.mutations import InterestMutations
from graphql_schema.inventory.mutations import InventoryMutations
from graphql_schema.inventory.queries import InventoryQueries
from graphql_schema.inventory.subscriptions import InventorySubscriptions
from graphql_schema.limits import CACHED_DOCUMENTS, LimitedDocuments
from graphql_schema.members.mutations import MemberMutations
from graphql_schema.members.queries import MemberQueries
from graphql_schema.members.types import Member
from graphql_schema.news.mutations import NewsMutations
from graphql_schema.news.queries import NewsQueries
from graphql_schema.node_query import NodeQueries
from graphql_schema.offer_reports.queries import OfferReportQueries
from graphql_schema.offers.mutations import OfferMutations
from graphql_schema.offers.queries import OfferQueries
from graphql_schema.offers.types import Offer
from graphql_schema.orders.counter_mutations import CounterMutations
from graphql_schema.orders.mutations import OrderMutations
from graphql_schema.orders.policy_mutations import PickupPolicyMutations
from graphql_schema.orders.queries import OrderQueries
from graphql_schema.orders.subscriptions import OrderSubscriptions
from graphql_schema.orders.types import Order
from graphql_schema.partners.mutations import PartnerMutations
from graphql_schema.partners.queries import PartnerQueries
from graphql_schema.partners.types import Partner
from graphql_schema.permissions import guard
from graphql_schema.point_rules.mutations import PointRulesMutations
from graphql_schema.point_rules.queries import PointRulesQueries
from graphql_schema.purchases.mutations import PurchaseMutations
from graphql_schema.purchases.queries import PurchaseQueries
from graphql_schema.purchases.types import Purchase
from graphql_schema.push.mutations import PushMutations
from graphql_schema.recommendations.queries import RecommendationQueries
from graphql_schema.results import RejectedHandler
from graphql_schema.scalars import DATE, DATE_TIME
from graphql_schema.search_history.mutations import SearchHistoryMutations
from graphql_schema.sign_in.mutations import SignInMutations
from graphql_schema.staff.device_mutations import StoreDeviceMutations
from graphql_schema.staff.device_types import StoreDevice
from graphql_schema.staff.mutations import StaffMutations
from graphql_schema.staff.queries import StaffQueries
from graphql_schema.staff.types import StaffMember
from graphql_schema.stores.queries import StoreQueries
from graphql_schema.stores.types import Store
from graphql_schema.viewer_query import ViewerQueries
from graphql_schema.webhooks.mutations import WebhookMutations
from graphql_schema.webhooks.types import WebhookEndpoint


@strawberry.type(description="What can be read.")
class Query(
    NodeQueries,
    ViewerQueries,
    MemberQueries,
    StoreQueries,
    CatalogQueries,
    InventoryQueries,
    OfferQueries,
    OfferReportQueries,
    CouponQueries,
    RecommendationQueries,
    BeaconQueries,
    PurchaseQueries,
    PointRulesQueries,
    OrderQueries,
    StaffQueries,
    PartnerQueries,
    NewsQueries,
    InboxQueries,
    EventQueries,
):
    pass


@strawberry.type(description="What can be done.")
class Mutation(
    AuthMutations,
    SignInMutations,
    MemberMutations,
    CardMutations,
    CheckInMutations,
    CatalogMutations,
    SearchHistoryMutations,
    ConsentMutations,
    InterestMutations,
    BeaconMutations,
    InventoryMutations,
    OfferMutations,
    CouponMutations,
    CartMutations,
    PurchaseMutations,
    PointRulesMutations,
    OrderMutations,
    CounterMutations,
    PickupPolicyMutations,
    StaffMutations,
    StoreDeviceMutations,
    PartnerMutations,
    InboxMutations,
    NewsMutations,
    PushMutations,
    WebhookMutations,
):
    pass


@strawberry.type(description="What can be followed as it changes: first what is, then each change.")
class Subscription(InventorySubscriptions, OrderSubscriptions, InboxSubscriptions):
    pass


class Schema(strawberry.Schema):
    """The schema; errors are logged where they are answered, in `graphql_schema.errors`."""

    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Strawberry would log every error here, refusals among them."""

    async def stream(self, *arguments: Any, **named: Any) -> Any:
        """The results; one of them tells of a document that cannot be read, which Strawberry would raise."""
        return _told(await super().stream(*arguments, **named))


async def _told(results: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    try:
        async with aclosing(results):
            async for result in results:
                yield result
    except GraphQLError as error:
        yield PreExecutionError(data=None, errors=[error])


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        Member,
        Order,
        Purchase,
        Store,
        CheckIn,
        Category,
        Product,
        Sku,
        StaffMember,
        StoreDevice,
        Partner,
        Offer,
        Coupon,
        WebhookEndpoint,
    ],
    extensions=[
        LimitedDocuments,
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
    ],
    exception_handlers=[RejectedHandler()],
    config=StrawberryConfig(scalar_map={datetime: DATE_TIME, date: DATE}),
)
guard(schema._schema)
