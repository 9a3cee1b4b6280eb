"""Which gateways there are: the settings choose who takes cards."""

from collections.abc import Iterable

from app.payments.at_store import AtStore
from app.payments.errors import PaymentMethodUnavailable
from app.payments.gateway import GatewayUnavailable, PaymentGateway
from app.payments.model import PaymentMethod
from app.payments.sandbox import Sandbox
from app.shared.clock import Clock
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings


class Gateways:
    """One gateway at most for each way of paying."""

    def __init__(self, at_store: PaymentGateway, card: PaymentGateway | None) -> None:
        self._by_method = {PaymentMethod.PAY_AT_STORE: at_store}
        if card is not None:
            self._by_method[PaymentMethod.CARD] = card
        self._by_name = {gateway.name: gateway for gateway in self._by_method.values()}

    @property
    def methods(self) -> frozenset[PaymentMethod]:
        return frozenset(self._by_method)

    @property
    def all(self) -> Iterable[PaymentGateway]:
        return self._by_name.values()

    def taking(self, method: PaymentMethod) -> PaymentGateway:
        """Raises PaymentMethodUnavailable."""
        if method not in self._by_method:
            raise PaymentMethodUnavailable(path=["input", "paymentMethod"])
        return self._by_method[method]

    def named(self, name: str) -> PaymentGateway:
        """Raises GatewayUnavailable: a payment was made when other gateways were set up."""
        if name not in self._by_name:
            raise GatewayUnavailable(f"no gateway {name} is set up")
        return self._by_name[name]


def gateways_of(settings: Settings, database: Database, clock: Clock) -> Gateways:
    """The gateways that the settings describe."""
    return Gateways(AtStore(), _card_gateway(settings, database, clock))


def _card_gateway(settings: Settings, database: Database, clock: Clock) -> PaymentGateway | None:
    if settings.card_gateway == "sandbox":
        return Sandbox(database, clock)
    if settings.card_gateway == "stripe" and settings.stripe_secret_key is not None:
        from app.payments.stripe_gateway import StripeGateway  # it takes long to load

        return StripeGateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base)
    return None
