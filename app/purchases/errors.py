"""The refusals about purchases and returns."""

from app.shared.errors import Refusal


class ReceiptNameInvalid(Refusal):
    """The receipt's name cannot be one."""

    code = "RECEIPT_NAME_INVALID"
    ja = "端末番号とレシート番号は1〜{maximum}文字の英数字と「. _ / : # -」で指定してください。"
    en = "Give a terminal and a receipt number of 1 to {maximum} letters, digits and . _ / : # -"


class ReceiptStoreMissing(Refusal):
    """A receipt of this channel names its store."""

    code = "RECEIPT_STORE_MISSING"
    ja = "このチャネルのレシートには店舗を指定してください。"
    en = "Name the store: receipts of this channel have one."


class ReceiptChannelWrong(Refusal):
    """The store belongs to another channel."""

    code = "RECEIPT_CHANNEL_WRONG"
    ja = "店舗のチャネルは{channel}です。チャネルか店舗を訂正してください。"
    en = "The store belongs to the channel {channel}. Correct the channel or the store."


class ReceiptLinesInvalid(Refusal):
    """The lines are none, too many, or have numbers or texts outside their bounds."""

    code = "RECEIPT_LINES_INVALID"
    ja = (
        "明細は1〜{maximum_lines}行、数量は1〜{maximum_quantity}、金額は0〜{maximum_amount}円、"
        "名称は{maximum_length}文字以内で指定してください。"
    )
    en = (
        "Give 1 to {maximum_lines} lines, each with 1 to {maximum_quantity} pieces, 0 to "
        "{maximum_amount} yen and texts of at most {maximum_length} characters."
    )


class ReceiptTotalWrong(Refusal):
    """The total is not the sum of the lines, or too large."""

    code = "RECEIPT_TOTAL_WRONG"
    ja = "合計({total}円)は、明細の合計({lines_total}円)と一致し、{maximum}円以内である必要があります。"
    en = "The total of {total} yen must be that of the lines, {lines_total} yen, and at most {maximum} yen."


class ReceiptTimeInvalid(Refusal):
    """The receipt is dated in the future, or too long ago."""

    code = "RECEIPT_TIME_INVALID"
    ja = "取引日時は{oldest_days}日前から現在までで指定してください。"
    en = "Date a receipt between {oldest_days} days ago and now."
    is_final = False


class PointsUsedInvalid(Refusal):
    """More points were used than the receipt costs, or by nobody."""

    code = "POINTS_USED_INVALID"
    ja = "利用ポイントは合計金額以内とし、会員を指定してください。"
    en = "Use points up to the total at the most, and name the member."


class ReceiptMemberNotFound(Refusal):
    """There is no member with this number, or no such verified card."""

    code = "RECEIPT_MEMBER_NOT_FOUND"
    ja = "会員番号またはカード確認番号が正しくありません。番号を確認するか、カードを読み取り直してください。"
    en = (
        "There is no member with this number, or no such card verification. Check it, or scan the card again."
    )
    is_final = False


class ReceiptConflicting(Refusal):
    """Another receipt with other content has this name already."""

    code = "RECEIPT_CONFLICTING"
    ja = (
        "同じレシート番号で内容の異なる取引がすでに記録されています。本部に通知しましたので、再送は不要です。"
    )
    en = "This receipt is on record with other content. Headquarters has been told; do not send it again."


class PurchaseNotFound(Refusal):
    """There is no such purchase yet: it may still come, and then the same return is taken."""

    code = "PURCHASE_NOT_FOUND"
    ja = "返品元の取引がまだ記録されていません。取引の送信後にもう一度お送りください。"
    en = "The purchase is not on record yet. Send the return again after it."
    is_final = False


class ReturnInvalid(Refusal):
    """The return names lines or pieces that the purchase does not have any more."""

    code = "RETURN_INVALID"
    ja = "返品できる明細または数量ではありません。取引の明細を確認してください。"
    en = "The purchase has no such line, or not so many pieces left of it. Look at its lines."


class ReturnOfOrder(Refusal):
    """What was ordered ahead is returned as an order."""

    code = "RETURN_OF_ORDER"
    ja = "店舗受取の注文は注文の返品として処理してください。"
    en = "This was ordered ahead: refund the order."


class ClaimNotFound(Refusal):
    """No receipt can be claimed with this number and total; why not is not told."""

    code = "CLAIM_NOT_FOUND"
    ja = "該当するレシートが見つからないか、登録できません。{maximum_days}日以内のレシートをご確認ください。"
    en = (
        "There is no receipt of the last {maximum_days} days to claim with this number and total. Check both."
    )


class ClaimAmbiguous(Refusal):
    """Several receipts have this number and total."""

    code = "CLAIM_AMBIGUOUS"
    ja = "同じ番号のレシートが複数あります。店舗を指定してください。"
    en = "Several receipts have this number. Name the store."


class TooManyClaims(Refusal):
    """Too many receipts were tried that could not be claimed."""

    code = "TOO_MANY_CLAIMS"
    ja = "レシートの登録に続けて失敗しました。{wait_seconds}秒後にもう一度お試しください。"
    en = "Too many receipts could not be claimed. Try again in {wait_seconds} seconds."
    is_final = False
