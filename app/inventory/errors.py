"""The refusals about stock."""

from app.shared.errors import Refusal


class SkuNotFound(Refusal):
    """There is no such SKU."""

    code = "SKU_NOT_FOUND"
    ja = "SKUが見つかりません。ID、コードまたはJANを確認してください。"
    en = "There is no such SKU. Check its id, code or JAN."


class StockQuantityInvalid(Refusal):
    """The number of pieces is outside its bounds."""

    code = "STOCK_QUANTITY_INVALID"
    ja = "数量は{minimum}〜{maximum}で指定してください。0は棚卸のときだけです。"
    en = "Give a quantity from {minimum} to {maximum} pieces; only a count may be 0."


class StockReferenceInvalid(Refusal):
    """The reference is too short, too long or has unprintable characters."""

    code = "STOCK_REFERENCE_INVALID"
    ja = "参照番号は1〜{maximum}文字の印字可能なASCII文字で指定してください。"
    en = "Give a reference of 1 to {maximum} printable ASCII characters."


class StockReferenceUsed(Refusal):
    """The same reference came with another quantity."""

    code = "STOCK_REFERENCE_USED"
    ja = "この参照番号は別の数量の在庫移動で使用済みです。新しい参照番号を指定してください。"
    en = "This reference was used for a stock movement of another quantity. Use a new one."


class StockTimeInvalid(Refusal):
    """The movement is dated in the future, or too long ago."""

    code = "STOCK_TIME_INVALID"
    ja = "発生日時は、過去{maximum_days}日以内で、未来でない時刻を指定してください。"
    en = "Date a stock movement at most {maximum_days} days ago, and not in the future."


class StockLevelLimit(Refusal):
    """The level would pass its limit."""

    code = "STOCK_LEVEL_LIMIT"
    ja = "在庫数の上限({maximum}点)を超えます。数量を確認してください。"
    en = "The stock level would pass its limit of {maximum} pieces. Check the quantity."


class OutOfStock(Refusal):
    """Fewer pieces are available than are wanted."""

    code = "OUT_OF_STOCK"
    ja = (
        "在庫が足りません。{requested}点に対して、ご用意できるのは{available}点です。"
        "数量を減らすか、ほかの店舗をお選びください。"
    )
    en = (
        "Not enough stock: {requested} are wanted and {available} are available. "
        "Choose fewer, or another store."
    )


class StockWatchInvalid(Refusal):
    """No SKU is to be watched, or too many SKUs or stores."""

    code = "STOCK_WATCH_INVALID"
    ja = "在庫の監視は1〜{maximum_skus}SKU、店舗は{maximum_stores}件以内で指定してください。"
    en = "Watch 1 to {maximum_skus} SKUs at once, at up to {maximum_stores} stores."


class StockHoldInvalid(Refusal):
    """A hold has too many lines or none, or its end is in the past or too far ahead."""

    code = "STOCK_HOLD_INVALID"
    ja = "取り置きは1〜{maximum_lines}明細、期限は{maximum_days}日以内で指定してください。"
    en = "Give a hold 1 to {maximum_lines} lines and an end within {maximum_days} days."


class StockHoldDiffers(Refusal):
    """The owner has a hold of other lines already."""

    code = "STOCK_HOLD_DIFFERS"
    ja = "この取り置きは別の内容ですでに作成されています。先にそれを解放してください。"
    en = "There is a hold of this owner already, with other lines. Release it first."


class StockHoldNotFound(Refusal):
    """There is no such hold."""

    code = "STOCK_HOLD_NOT_FOUND"
    ja = "取り置きが見つかりません。新しく取り置いてください。"
    en = "There is no such hold. Make a new one."


class StockHoldSettled(Refusal):
    """The hold was captured or released already."""

    code = "STOCK_HOLD_SETTLED"
    ja = "この取り置きはすでに処理済みです({status})。必要であれば新しく取り置いてください。"
    en = "This hold is settled already ({status}). Make a new one if you need it."


class StockHoldExpired(Refusal):
    """The hold has expired and its pieces are gone."""

    code = "STOCK_HOLD_EXPIRED"
    ja = "取り置きの期限が過ぎ、在庫を確保できませんでした。在庫を確認して、もう一度お試しください。"
    en = "The hold has expired, and its pieces are no longer available. Look at the stock and try again."
