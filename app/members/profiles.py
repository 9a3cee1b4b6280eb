"""Checks a profile update field by field and says all that is wrong with it at once."""

from datetime import date
from typing import Any

from app.members.errors import (
    BirthdayInvalid,
    CategoryInvalid,
    DeviceNameInvalid,
    LocaleUnknown,
    NicknameInvalid,
    PostalCodeInvalid,
    TooManyFavourites,
)
from app.members.model import Profile, ProfileUpdate
from app.members.rules import (
    FAVOURITES_MAXIMUM,
    OLDEST_BIRTHDAY,
    is_birthday,
    is_category,
    normal_postal_code,
)
from app.shared.errors import Refusal
from app.shared.i18n import language_of
from app.shared.names import NAME_MAXIMUM_LENGTH, normal_name
from app.shared.updates import Unchanged


def checked_device_name(name: str | None) -> str | None:
    """What a member's device is called, if it says so. Raises DeviceNameInvalid."""
    normal = normal_name(name) if name is not None else None
    if name is not None and normal is None:
        raise DeviceNameInvalid(path=["input", "deviceName"], maximum=NAME_MAXIMUM_LENGTH)
    return normal


def checked_profile(update: ProfileUpdate, today: date) -> tuple[dict[str, Any], list[Refusal]]:
    """The fields to set, in the form they are kept in, and what is wrong with the others."""
    changes: dict[str, Any] = {}
    refusals: list[Refusal] = []
    if not isinstance(update.nickname, Unchanged):
        changes["nickname"] = update.nickname and normal_name(update.nickname)
        if update.nickname is not None and not changes["nickname"]:
            refusals.append(NicknameInvalid(path=["input", "nickname"], maximum=NAME_MAXIMUM_LENGTH))
    if not isinstance(update.birthday, Unchanged):
        changes["birthday"] = update.birthday and update.birthday.isoformat()
        if update.birthday is not None and not is_birthday(update.birthday, today):
            refusals.append(BirthdayInvalid(path=["input", "birthday"], oldest=OLDEST_BIRTHDAY.isoformat()))
    if not isinstance(update.postal_code, Unchanged):
        changes["postal_code"] = update.postal_code and normal_postal_code(update.postal_code)
        if update.postal_code is not None and not changes["postal_code"]:
            refusals.append(PostalCodeInvalid(path=["input", "postalCode"]))
    if not isinstance(update.favourite_store_ids, Unchanged):
        changes["favourite_store_ids"] = _distinct(update.favourite_store_ids)
        refusals += _too_many(changes["favourite_store_ids"], "favouriteStoreIds")
    if not isinstance(update.favourite_categories, Unchanged):
        changes["favourite_categories"] = _distinct(update.favourite_categories)
        refusals += _too_many(changes["favourite_categories"], "favouriteCategories")
        if not all(is_category(category) for category in changes["favourite_categories"]):
            refusals.append(CategoryInvalid(path=["input", "favouriteCategories"]))
    if not isinstance(update.locale, Unchanged):
        language = language_of(update.locale)
        if language is None:
            refusals.append(LocaleUnknown(path=["input", "locale"]))
        else:
            changes["language"] = language.value
    return changes, refusals


def favourites_of_both(profile: Profile, other: Profile) -> dict[str, Any]:
    """The favourites of two profiles that become one, as many as one may have, its own first."""
    stores = _distinct(profile.favourite_store_ids + other.favourite_store_ids)
    categories = _distinct(profile.favourite_categories + other.favourite_categories)
    return {
        "favourite_store_ids": stores[:FAVOURITES_MAXIMUM],
        "favourite_categories": categories[:FAVOURITES_MAXIMUM],
    }


def _distinct(values: tuple[str, ...] | None) -> list[str]:
    return list(dict.fromkeys(values or ()))


def _too_many(values: list[str], field: str) -> list[Refusal]:
    if len(values) <= FAVOURITES_MAXIMUM:
        return []
    return [TooManyFavourites(path=["input", field], maximum=FAVOURITES_MAXIMUM)]
