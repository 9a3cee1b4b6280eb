"""The refusals of orders."""

from app.shared.errors import Refusal


class OrderLinesInvalid(Refusal):
    """Nothing is ordered, or too many lines or pieces."""

    code = "ORDER_LINES_INVALID"
    ja = "商品は1〜{maximum_lines}種類、各1〜{maximum_quantity}点で指定してください。"
    en = "Order 1 to {maximum_lines} different items, 1 to {maximum_quantity} pieces of each."


class ItemShort(Refusal):
    """The store has fewer pieces than are wanted."""

    code = "ORDER_ITEM_SHORT"
    ja = (
        "「{item}」は{requested}点のご注文に対して、残り{available}点です。"
        "{elsewhere}数量か店舗を変更してください。"
    )
    en = (
        "Of {item}, {requested} are wanted and {available} are left.{elsewhere} Change the quantity or "
        "the store."
    )


class OrderTotalChanged(Refusal):
    """The order would cost something else than the caller has seen."""

    code = "ORDER_TOTAL_CHANGED"
    ja = "価格が変更されました。お支払い額は{total}円です。よろしければ、もう一度ご注文ください。"
    en = "The price has changed. The total is {total} yen now. Order again if you agree."


class UsePointsInvalid(Refusal):
    """The points to use are fewer than none, or more than the order costs."""

    code = "USE_POINTS_INVALID"
    ja = "利用ポイントは0〜{maximum}で指定してください。"
    en = "Use 0 to {maximum} points."


class PickupSlotNotFound(Refusal):
    """The store has no such pickup slot."""

    code = "PICKUP_SLOT_NOT_FOUND"
    ja = "この受取時間は指定できません。ほかの受取時間をお選びください。"
    en = "The store has no such pickup slot. Please choose another one."


class PickupSlotClosed(Refusal):
    """No more orders are taken for the slot."""

    code = "PICKUP_SLOT_CLOSED"
    ja = "この受取時間の注文受付は終了しました。次に選べる受取時間は{next_slot}です。"
    en = "No more orders are taken for this slot. The next one is {next_slot}."


class PickupSlotFull(Refusal):
    """The slot has too little room for the order."""

    code = "PICKUP_SLOT_FULL"
    ja = "この受取時間は満員です。次に選べる受取時間は{next_slot}です。"
    en = "This slot is full. The next one with room is {next_slot}."


class NoSlotFits(Refusal):
    """Neither the slot nor another one that orders are taken for has room for an order of this size."""

    code = "NO_SLOT_FITS"
    ja = "この数量を受け取れる時間帯は、当面ありません。数量を減らすか、ほかの店舗をお選びください。"
    en = "No slot of the days to come has room for so much. Order fewer pieces, or choose another store."


class OrdersPaused(Refusal):
    """The store takes no orders for the moment."""

    code = "ORDERS_PAUSED"
    ja = "店舗が混み合っているため、{until}まで注文の受付を停止しています。再開後にもう一度お試しください。"
    en = "The store takes no orders until {until}. Try again then, or choose another store."


class DeviceOfNoStore(Refusal):
    """The staff member works on a device of headquarters, which has no pickup counter."""

    code = "DEVICE_OF_NO_STORE"
    ja = "この端末は店舗の端末ではありません。店舗の端末でサインインしてください。"
    en = "This device belongs to no store. Sign in on a store's device."


class PauseInvalid(Refusal):
    """A pause is at most a day long."""

    code = "PAUSE_INVALID"
    ja = "停止時間は0〜{maximum}分で指定してください。"
    en = "Pause for 0 to {maximum} minutes."


class PickupPolicyInvalid(Refusal):
    """What a store's pickup policy says is outside its bounds."""

    code = "PICKUP_POLICY_INVALID"
    ja = "{minimum}〜{maximum}の範囲で指定してください。"
    en = "This must be from {minimum} to {maximum}."


class SlotMinutesInvalid(Refusal):
    """The length of the slots does not divide a day."""

    code = "SLOT_MINUTES_INVALID"
    ja = "受取時間の長さは、1日(1,440分)を割り切れる分数にしてください。"
    en = "Choose a length of slots that divides a day, which has 1,440 minutes."


class TooManyClosures(Refusal):
    """A store has as many closures to come as is possible."""

    code = "TOO_MANY_CLOSURES"
    ja = "受取休止は{maximum}件まで登録できます。先に不要な休止を削除してください。"
    en = "A store has at most {maximum} closures to come. Take one out first."


class ClosureInvalid(Refusal):
    """The closure ends before it begins, lies too far ahead, or its reason cannot be shown."""

    code = "CLOSURE_INVALID"
    ja = "受取休止は、終了が開始より後で{maximum_days}日以内、理由は{maximum_length}文字以内にしてください。"
    en = (
        "Let a closure end after it begins and within {maximum_days} days, and give a reason of at most "
        "{maximum_length} characters."
    )


class PickupPolicyChanged(Refusal):
    """Somebody else has changed the store's pickup policy since the caller looked at it."""

    code = "PICKUP_POLICY_CHANGED"
    ja = "受取設定が更新されています。最新の内容を確認して、もう一度お試しください。"
    en = "The pickup policy has changed meanwhile. Look at it again, then try once more."


class OrderNotFound(Refusal):
    """The caller has no such order."""

    code = "ORDER_NOT_FOUND"
    ja = "注文が見つかりません。注文の一覧を読み直してください。"
    en = "There is no such order. Read the list of orders again."


class OrderMoveIllegal(Refusal):
    """The order stands where this cannot happen to it any more, or not yet."""

    code = "ORDER_MOVE_ILLEGAL"
    ja = "注文の現在の状態({state})では、この操作はできません。最新の状態を確認してください。"
    en = "This cannot be done to an order that is {state}. Look at it again."


class NoShowTooEarly(Refusal):
    """The order's slot is not over: its member may still come in time."""

    code = "NO_SHOW_TOO_EARLY"
    ja = "受取時間が終わるまでは、受け取りなしにできません。終わるまでお待ちください。"
    en = "An order counts as not collected when its slot is over. Wait until then."


class OrderChanged(Refusal):
    """Somebody else has changed the order since the caller looked at it."""

    code = "ORDER_CHANGED"
    ja = "注文が更新されています。最新の内容を確認して、もう一度お試しください。"
    en = "The order has changed meanwhile. Look at it again, then try once more."


class OrderLineNotFound(Refusal):
    """The order has no such line, or nothing of it is left."""

    code = "ORDER_LINE_NOT_FOUND"
    ja = "注文の明細が見つかりません。注文を読み直してください。"
    en = "The order has no such line. Read the order again."


class SubstitutionNotOffered(Refusal):
    """No substitute is offered for the line."""

    code = "SUBSTITUTION_NOT_OFFERED"
    ja = "代替品の提案はありません。注文を読み直してください。"
    en = "No substitute is offered for this line. Read the order again."


class PickupCodeInvalid(Refusal):
    """The code belongs to no order that waits at this store: which of the reasons is not told."""

    code = "PICKUP_CODE_INVALID"
    ja = "受取コードを確認できません。コードと、注文された店舗を確認してください。"
    en = "This code belongs to no order that waits here. Check the code, and at which store it was ordered."


class SubstitutionPending(Refusal):
    """The member has not yet said whether she takes the substitute."""

    code = "SUBSTITUTION_PENDING"
    ja = "代替品についてお客様の回答を待っています。回答があるまでお待ちください。"
    en = "The member has not answered yet whether she takes the substitute. Wait for her answer."


class NoteInvalid(Refusal):
    """The note is too long, or has characters that cannot be shown."""

    code = "NOTE_INVALID"
    ja = "メモは{maximum}文字までの表示できる文字で入力してください。"
    en = "Write a note of at most {maximum} characters that can be shown."


class TooManyNoShows(Refusal):
    """The member left too many orders uncollected lately: she pays before."""

    code = "PAYMENT_FIRST"
    ja = "受け取られなかったご注文があるため、店頭払いはご利用いただけません。カードでお支払いください。"
    en = "Orders of yours were not collected lately. Please pay by card."


class StorePaysFirst(Refusal):
    """The store takes no orders that are paid when they are collected."""

    code = "STORE_WANTS_PAYMENT_FIRST"
    ja = "この店舗では、ご注文時のカード払いのみご利用いただけます。カードでお支払いください。"
    en = "This store takes only orders that are paid by card. Please pay by card."


class ReceiptLinkEnded(Refusal):
    """The link leads to no receipt, or does not any more: which of the reasons is not told."""

    code = "RECEIPT_LINK_ENDED"
    ja = "このリンクは有効期限が切れています。アプリからもう一度お開きください。"
    en = "This link has ended. Please open the receipt in the app again."


class CardHoldTooShort(Refusal):
    """The card's bank sets the money aside for less time than it takes until the order is picked up."""

    code = "CARD_HOLD_TOO_SHORT"
    ja = "このカードでお支払いを確保できるのは{until}までです。それより早い受取時間をお選びください。"
    en = "This card sets the money aside until {until}. Please choose an earlier pickup slot."


class PaymentLetGo(Refusal):
    """The bank has let go of the money for the order: it is to be paid at the till first."""

    code = "ORDER_PAYMENT_LET_GO"
    ja = "カードの与信の有効期限が切れています。レジでお支払いいただいてからお渡しください。"
    en = "The card's authorization has ended. Have the order paid at the till before you hand it over."


class RefundInvalid(Refusal):
    """More pieces are to be refunded than were collected and not refunded before."""

    code = "REFUND_INVALID"
    ja = "返金できる数量を超えています。数量を減らしてください。"
    en = "More pieces are to be refunded than can be. Choose fewer."
