"""The refusals about stock."""

from app.shared.errors import Refusal


class SkuNotFound(Refusal):
    """There is no such SKU."""

    code = "SKU_NOT_FOUND"
    ja = "SKUが見つかりません。"
    en = "There is no such SKU."


class StockQuantityInvalid(Refusal):
    """The number of pieces is outside its bounds."""

    code = "STOCK_QUANTITY_INVALID"
    ja = "数量は{minimum}〜{maximum}で指定してください(0は棚卸のみ)。"
    en = "A quantity lies between {minimum} and {maximum} pieces; only a count may be 0."


class StockReferenceInvalid(Refusal):
    """The reference is too short, too long or has unprintable characters."""

    code = "STOCK_REFERENCE_INVALID"
    ja = "参照番号は1〜{maximum}文字の印字可能なASCII文字で指定してください。"
    en = "A reference has 1 to {maximum} printable ASCII characters."


class StockReferenceUsed(Refusal):
    """The same reference came with another quantity."""

    code = "STOCK_REFERENCE_USED"
    ja = "この参照番号は別の数量の在庫移動で使用済みです。"
    en = "This reference was used for a stock movement of another quantity."


class StockTimeInvalid(Refusal):
    """The movement is dated in the future, or too long ago."""

    code = "STOCK_TIME_INVALID"
    ja = "発生日時は過去{maximum_days}日以内で、未来でない時刻を指定してください。"
    en = "A stock movement is dated at most {maximum_days} days ago, and not in the future."


class StockLevelLimit(Refusal):
    """The level would pass its limit."""

    code = "STOCK_LEVEL_LIMIT"
    ja = "在庫数の上限({maximum}点)を超えます。"
    en = "The stock level would pass its limit of {maximum} pieces."


class OutOfStock(Refusal):
    """Fewer pieces are available than are wanted."""

    code = "OUT_OF_STOCK"
    ja = "在庫が足りません。{requested}点に対して、ご用意できるのは{available}点です。"
    en = "Not enough stock: {requested} are wanted and {available} are available."


class StockWatchInvalid(Refusal):
    """No SKU is to be watched, or too many SKUs or stores."""

    code = "STOCK_WATCH_INVALID"
    ja = "在庫の監視は1〜{maximum_skus}SKU、店舗は{maximum_stores}件までです。"
    en = "1 to {maximum_skus} SKUs can be watched at once, at up to {maximum_stores} stores."


class StockHoldInvalid(Refusal):
    """A hold has too many lines or none, or its end is in the past or too far ahead."""

    code = "STOCK_HOLD_INVALID"
    ja = "取り置きは1〜{maximum_lines}明細、期限は{maximum_days}日以内で指定してください。"
    en = "A hold has 1 to {maximum_lines} lines and ends within {maximum_days} days."


class StockHoldDiffers(Refusal):
    """The owner has a hold of other lines already."""

    code = "STOCK_HOLD_DIFFERS"
    ja = "この取り置きは別の内容ですでに作成されています。"
    en = "There is a hold of this owner already, with other lines."


class StockHoldNotFound(Refusal):
    """There is no such hold."""

    code = "STOCK_HOLD_NOT_FOUND"
    ja = "取り置きが見つかりません。"
    en = "There is no such hold."


class StockHoldSettled(Refusal):
    """The hold was captured or released already."""

    code = "STOCK_HOLD_SETTLED"
    ja = "この取り置きはすでに処理済みです({status})。"
    en = "This hold is settled already ({status})."


class StockHoldExpired(Refusal):
    """The hold has expired and its pieces are gone."""

    code = "STOCK_HOLD_EXPIRED"
    ja = "取り置きの期限が過ぎ、在庫を確保できませんでした。"
    en = "The hold has expired, and its pieces are no longer available."
