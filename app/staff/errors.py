"""The refusals about staff and the stores' devices."""

from app.shared.errors import Refusal


class StaffCodeInvalid(Refusal):
    """The staff code has not the form of one."""

    code = "STAFF_CODE_INVALID"
    ja = "スタッフコードは{minimum}〜{maximum}文字の英大文字と数字にしてください。"
    en = "Give a staff code of {minimum} to {maximum} digits and letters from A to Z."


class StaffCodeTaken(Refusal):
    """Another staff member has this code."""

    code = "STAFF_CODE_TAKEN"
    ja = "このスタッフコードは使用されています。別のコードを指定してください。"
    en = "Another staff member has this code. Choose another one."


class PinInvalid(Refusal):
    """The PIN has not the form of one, or is among the first that anybody would guess."""

    code = "PIN_INVALID"
    ja = "PINは{minimum}〜{maximum}桁の数字で、同じ数字の繰り返しや連番でないものにしてください。"
    en = "Choose a PIN of {minimum} to {maximum} digits, not all the same and not in a row such as 123456."


class PinWrong(Refusal):
    """The PIN is not the one that is known."""

    code = "PIN_WRONG"
    ja = "現在のPINが正しくありません。もう一度入力してください。"
    en = "This is not the PIN that you have now. Type it again."


class RoleStoreMismatch(Refusal):
    """Headquarters has no store, and every other role has one."""

    code = "ROLE_STORE_MISMATCH"
    ja = "本部のスタッフには店舗を指定せず、それ以外のスタッフには店舗を指定してください。"
    en = "Name no store for headquarters' staff, and one for all others."


class RoleNotAllowed(Refusal):
    """The caller may not manage staff of this role."""

    code = "ROLE_NOT_ALLOWED"
    ja = "この役割のスタッフを管理する権限がありません。本部に依頼してください。"
    en = "You may not manage staff of this role. Ask headquarters to do it."


class StaffMemberNotFound(Refusal):
    """There is no such staff member, or none that the caller may know of."""

    code = "STAFF_MEMBER_NOT_FOUND"
    ja = "スタッフが見つかりません。一覧を読み直してください。"
    en = "There is no such staff member. Read the list again."


class StoreDeviceNotFound(Refusal):
    """There is no such device, or none that the caller may know of."""

    code = "STORE_DEVICE_NOT_FOUND"
    ja = "端末が見つかりません。一覧を読み直してください。"
    en = "There is no such device. Read the list again."


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
    ja = "スタッフコードまたはPINが正しくありません。もう一度入力してください。"
    en = "The staff code or the PIN is wrong. Type them again."


class TooManyPinTries(Refusal):
    """Too many tries failed with this staff code, or on this device."""

    code = "TOO_MANY_PIN_TRIES"
    ja = "PINの入力に続けて失敗しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many PINs were wrong. Try again in {wait_seconds} seconds."
