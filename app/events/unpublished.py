"""Events that partners are not shown, and why not: each kind is here or in the table of publications."""

from collections.abc import Mapping

_WHEREABOUTS = "It says where a member was at that moment."
_OWN_STAFF = "Who works for the retailer, and on what, is its own business."
_OWN_PARTNERS = "What one partner may do is no business of the others."
_OWN_ENDPOINTS = "Whoever did it has the answer."

UNPUBLISHED: Mapping[str, str] = {
    "BeaconDwelt": _WHEREABOUTS,
    "BeaconEntered": _WHEREABOUTS,
    "CardVerified": _WHEREABOUTS,
    "DeviceEnrolled": _OWN_STAFF,
    "DeviceRevoked": _OWN_STAFF,
    "MemberSignedIn": "It says how a member uses her phone.",
    "NewsPublished": "News is told to the members whom it is for.",
    "NewsWithdrawn": "News is told to the members whom it is for.",
    "OfferCreated": "Nobody is given anything by a draft.",
    "PartnerCreated": _OWN_PARTNERS,
    "PartnerRemoved": _OWN_PARTNERS,
    "PartnerSecretRotated": _OWN_PARTNERS,
    "PartnerUpdated": _OWN_PARTNERS,
    "PickupPolicyChanged": "Each quote says what the policy allows.",
    "ProfileUpdated": "Partners read no profiles.",
    "StaffMemberAdded": _OWN_STAFF,
    "StaffMemberRemoved": _OWN_STAFF,
    "StaffPinChanged": _OWN_STAFF,
    "StaffPinReset": _OWN_STAFF,
    "StaffSignedIn": _OWN_STAFF,
    "WebhookEndpointCreated": _OWN_ENDPOINTS,
    "WebhookEndpointRemoved": _OWN_ENDPOINTS,
    "WebhookEndpointUpdated": _OWN_ENDPOINTS,
    "WebhookSecretRotated": _OWN_ENDPOINTS,
}
