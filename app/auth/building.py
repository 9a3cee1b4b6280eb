"""Builds what tells who calls: keys and tokens, sessions, partners, and the door that asks all of them."""

from dataclasses import dataclass
from datetime import timedelta

from app.auth.door import Door
from app.auth.keys import KEYS_FOLDER, KeyRing
from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.auth.tokens import AccessTokens
from app.shared.foundation import Foundation
from app.shared.store_directory import StoreDirectory


@dataclass(frozen=True, slots=True)
class AuthServices:
    """All that callers are known by."""

    signing_keys: KeyRing
    access_tokens: AccessTokens
    sessions: SessionService
    partners: PartnerService
    door: Door


def build_auth_services(foundation: Foundation, stores: StoreDirectory) -> AuthServices:
    """The services. Makes the signing key in the data folder at the first call."""
    settings, database, clock = foundation.settings, foundation.database, foundation.clock
    signing_keys = KeyRing(settings.data_dir / KEYS_FOLDER, clock.now())
    access_tokens = AccessTokens(
        signing_keys, settings.issuer, settings.audience, timedelta(minutes=settings.access_token_minutes)
    )
    sessions = SessionService(database, access_tokens, clock)
    partners = PartnerService(
        database, sessions, access_tokens, foundation.idempotency, foundation.events, stores, clock
    )
    door = Door(access_tokens, sessions, partners, clock)
    return AuthServices(signing_keys, access_tokens, sessions, partners, door)
