"""Builds what proves who a member is, and makes one of a guest and a member."""

from urllib.parse import urlsplit

from app.auth.session_service import SessionService
from app.members.service import MemberService
from app.messages.delivery import MessageDelivery
from app.shared.foundation import Foundation
from app.sign_in.codes import SignInCodes
from app.sign_in.merging import GuestMerging
from app.sign_in.service import SignInService


def build_sign_in_service(
    foundation: Foundation,
    messages: MessageDelivery,
    members: MemberService,
    sessions: SessionService,
    merging: GuestMerging,
) -> SignInService:
    """The service, on what it needs."""
    settings, database, clock = foundation.settings, foundation.database, foundation.clock
    codes = SignInCodes(
        database,
        messages,
        foundation.limits,
        clock,
        settings.retailer_name,
        urlsplit(settings.issuer).hostname or settings.issuer,
        settings.sms_countries,
        settings.sign_in_codes_per_network,
    )
    return SignInService(database, codes, members, sessions, merging, foundation.events, clock)
