"""The refusals about members."""

from app.shared.errors import Refusal


class DeviceIdInvalid(Refusal):
    """The device id cannot be a device's secret."""

    code = "DEVICE_ID_INVALID"
    ja = "端末IDは{minimum}〜{maximum}文字の英数字と「. _ : -」で、推測できないランダムな値にしてください。"
    en = "Make a device id at random, of {minimum} to {maximum} letters, digits and . _ : -"


class DeviceSignedUp(Refusal):
    """The device belongs to a signed-up member, whom a device id alone does not let in."""

    code = "DEVICE_SIGNED_UP"
    ja = "この端末は会員登録済みです。サインインしてください。"
    en = "This device belongs to a signed-up member. Please sign in."


class LocaleUnknown(Refusal):
    """The locale is not one that Tsunagu speaks."""

    code = "LOCALE_UNKNOWN"
    ja = "言語は ja または en で指定してください。"
    en = "Give the locale as ja or en."


class NicknameInvalid(Refusal):
    """The nickname is empty, too long, or has characters that cannot be shown."""

    code = "NICKNAME_INVALID"
    ja = "ニックネームは表示できる文字で1〜{maximum}文字にしてください。"
    en = "Choose a nickname of 1 to {maximum} characters that can be shown."


class DeviceNameInvalid(Refusal):
    """The device's name is empty, too long, or has characters that cannot be shown."""

    code = "DEVICE_NAME_INVALID"
    ja = "端末名は表示できる文字で1〜{maximum}文字にしてください。"
    en = "Give the device a name of 1 to {maximum} characters that can be shown."


class BirthdayInvalid(Refusal):
    """The birthday is in the future or before 1900."""

    code = "BIRTHDAY_INVALID"
    ja = "誕生日は{oldest}から今日までの日付を入力してください。"
    en = "Give a birthday between {oldest} and today."


class PostalCodeInvalid(Refusal):
    """The postal code is not a Japanese one."""

    code = "POSTAL_CODE_INVALID"
    ja = "郵便番号は7桁の数字(例: 530-0001)で入力してください。"
    en = "Give a postal code of 7 digits, as in 530-0001."


class TooManyFavourites(Refusal):
    """More favourites than a member may have."""

    code = "TOO_MANY_FAVOURITES"
    ja = "お気に入りは{maximum}件までです。先にどれかを外してください。"
    en = "There can be at most {maximum} favourites. Take one out first."


class CategoryInvalid(Refusal):
    """The category is not a category's code."""

    code = "CATEGORY_INVALID"
    ja = "カテゴリーのコードが正しくありません。一覧にあるカテゴリーを指定してください。"
    en = "This is not a category's code. Name one that is in the list of categories."


class TooManyNewGuests(Refusal):
    """Too many devices of this network got a card."""

    code = "TOO_MANY_NEW_GUESTS"
    ja = "このネットワークからの新規登録が上限に達しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many new cards were made from this network. Try again in {wait_seconds} seconds."
