"""The refusals about staff and the stores' devices."""

from app.shared.errors import Refusal


class StaffCodeInvalid(Refusal):
    """The staff code has not the form of one."""

    code = "STAFF_CODE_INVALID"
    ja = "スタッフコードは{minimum}〜{maximum}文字の英大文字と数字にしてください。"
    en = "A staff code has {minimum} to {maximum} digits and letters from A to Z."


class StaffCodeTaken(Refusal):
    """Another staff member has this code."""

    code = "STAFF_CODE_TAKEN"
    ja = "このスタッフコードは使用されています。"
    en = "Another staff member has this code."


class PinInvalid(Refusal):
    """The PIN has not the form of one, or is among the first that anybody would guess."""

    code = "PIN_INVALID"
    ja = "PINは{minimum}〜{maximum}桁の数字で、同じ数字の繰り返しや連番は使えません。"
    en = "A PIN has {minimum} to {maximum} digits, not all the same and not in a row such as 123456."


class PinWrong(Refusal):
    """The PIN is not the one that is known."""

    code = "PIN_WRONG"
    ja = "現在のPINが正しくありません。"
    en = "This is not the PIN that you have now."


class RoleStoreMismatch(Refusal):
    """Headquarters has no store, and every other role has one."""

    code = "ROLE_STORE_MISMATCH"
    ja = "本部のスタッフには店舗を指定せず、それ以外のスタッフには店舗を指定してください。"
    en = "Headquarters' staff have no store; all others have one."


class RoleNotAllowed(Refusal):
    """The caller may not manage staff of this role."""

    code = "ROLE_NOT_ALLOWED"
    ja = "この役割のスタッフを管理する権限がありません。"
    en = "You may not manage staff of this role."


class StaffMemberNotFound(Refusal):
    """There is no such staff member, or none that the caller may know of."""

    code = "STAFF_MEMBER_NOT_FOUND"
    ja = "スタッフが見つかりません。"
    en = "There is no such staff member."


class StoreDeviceNotFound(Refusal):
    """There is no such device, or none that the caller may know of."""

    code = "STORE_DEVICE_NOT_FOUND"
    ja = "端末が見つかりません。"
    en = "There is no such device."


class EnrolmentCodeInvalid(Refusal):
    """The enrolment code never was, was used, or has expired: which of these is not told."""

    code = "ENROLMENT_CODE_INVALID"
    ja = "登録コードが正しくないか、使用済みまたは期限切れです。新しいコードを発行してください。"
    en = "This enrolment code is wrong, used or expired. Ask for a new one."


class TooManyEnrolmentTries(Refusal):
    """Too many enrolment codes were tried from this network."""

    code = "TOO_MANY_ENROLMENT_TRIES"
    ja = "登録コードの入力回数が上限に達しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many enrolment codes were tried. Try again in {wait_seconds} seconds."


class DeviceNotEnrolled(Refusal):
    """The device is not enrolled, or no longer."""

    code = "DEVICE_NOT_ENROLLED"
    ja = "この端末は登録されていません。管理者に登録コードを発行してもらってください。"
    en = "This device is not enrolled. Ask a manager for an enrolment code."


class StaffSignInFailed(Refusal):
    """Staff code and PIN do not go together on this device; what is wrong is not told."""

    code = "STAFF_SIGN_IN_FAILED"
    ja = "スタッフコードまたはPINが正しくありません。"
    en = "The staff code or the PIN is wrong."


class TooManyPinTries(Refusal):
    """Too many tries failed with this staff code, or on this device."""

    code = "TOO_MANY_PIN_TRIES"
    ja = "PINの入力に続けて失敗しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many PINs were wrong. Try again in {wait_seconds} seconds."
