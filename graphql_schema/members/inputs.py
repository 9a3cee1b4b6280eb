"""What registering and changing a profile take."""

from datetime import date

import strawberry


@strawberry.input(description="A phone that wants a card.")
class RegisterGuestInput:
    device_id: str = strawberry.field(
        description=(
            "A secret that the app makes at random once and keeps on the device, such as a UUID: 22 to 128 "
            "letters, digits and . _ : - . Who has it is the guest."
        )
    )
    locale: str | None = strawberry.field(
        default=None, description="`ja` or `en`; without it, the language of the request."
    )
    device_name: str | None = strawberry.field(
        default=None, description="What the list of her sessions calls this device; 1 to 40 characters."
    )


@strawberry.input(description="What a profile shall say. A field left out stays; null clears it.")
class UpdateProfileInput:
    nickname: str | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 40 characters that can be shown."
    )
    birthday: date | None = strawberry.field(
        default=strawberry.UNSET, description="From 1900-01-01 until today."
    )
    postal_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="A Japanese postal code, 7 digits, the hyphen optional."
    )
    favourite_store_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 20 stores."
    )
    favourite_categories: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="At most 20 category codes."
    )
    locale: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The language we write to her in, `ja` or `en`; null leaves it as it is.",
    )
