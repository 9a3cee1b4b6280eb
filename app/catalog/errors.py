"""The refusals of the catalogue."""

from app.shared.errors import Refusal


class CodeInvalid(Refusal):
    """The product's or SKU's code is too long or has other characters than letters, digits, `.`, `_`, `-`."""

    code = "CODE_INVALID"
    ja = "コードは半角英数字と . _ - の{maximum}文字以内で指定してください。"
    en = "Give a code of at most {maximum} letters, digits, dots, underscores and hyphens."


class CategoryCodeInvalid(Refusal):
    """The category's code is not made of small letters and digits, joined by hyphens."""

    code = "CATEGORY_CODE_INVALID"
    ja = "カテゴリーコードは半角小文字の英数字をハイフンでつないだ{maximum}文字以内で指定してください。"
    en = "Give a category's code of at most {maximum} small letters and digits, joined by hyphens."


class TextInvalid(Refusal):
    """The text is missing, too long, or has characters that cannot be shown."""

    code = "TEXT_INVALID"
    ja = "{minimum}〜{maximum}文字の表示できる文字で指定してください。"
    en = "Write {minimum} to {maximum} characters that can be shown."


class KanaInvalid(Refusal):
    """The reading is not written in kana."""

    code = "KANA_INVALID"
    ja = "読みは{maximum}文字以内のかな、英字、数字で指定してください。"
    en = "Write a reading of at most {maximum} characters of kana, digits and Latin letters."


class PreparationWeightInvalid(Refusal):
    """The work that a piece makes is outside its bounds."""

    code = "PREPARATION_WEIGHT_INVALID"
    ja = "準備の作業量は0〜{maximum}で指定してください。"
    en = "Give the work that a piece makes as 0 to {maximum} work units."


class TooManyItems(Refusal):
    """A list has more items than it may."""

    code = "TOO_MANY_ITEMS"
    ja = "{maximum}件以内で指定してください。"
    en = "Give at most {maximum} of these."


class SkuMissing(Refusal):
    """A product needs at least one SKU."""

    code = "SKU_MISSING"
    ja = "SKUを1件以上指定してください。"
    en = "Give the product at least one SKU."


class JanInvalid(Refusal):
    """The JAN has not 13 digits, or its check digit is wrong."""

    code = "JAN_INVALID"
    ja = "JANコードは、チェックデジットの正しい13桁の数字で指定してください。"
    en = "Give a JAN of 13 digits, the last of which checks the others."


class PriceInvalid(Refusal):
    """The price is outside its bounds."""

    code = "PRICE_INVALID"
    ja = "価格は{minimum}〜{maximum}で指定してください。"
    en = "Give a price from {minimum} to {maximum}."


class PriceRangeInvalid(Refusal):
    """The price range is outside its bounds, or ends before it begins."""

    code = "PRICE_RANGE_INVALID"
    ja = "価格帯は{minimum}〜{maximum}の範囲で、下限が上限を超えないように指定してください。"
    en = "Give a price range within {minimum} and {maximum} that does not end before it begins."


class ImageInvalid(Refusal):
    """The image's address is not an https URL."""

    code = "IMAGE_INVALID"
    ja = "画像は{maximum}文字以内のhttpsのURLで指定してください。"
    en = "Give an image as an https URL of at most {maximum} characters."


class PopularityInvalid(Refusal):
    """The popularity is outside its bounds."""

    code = "POPULARITY_INVALID"
    ja = "人気度は{minimum}〜{maximum}で指定してください。"
    en = "Give a popularity from {minimum} to {maximum}."


class PositionInvalid(Refusal):
    """The position is outside its bounds."""

    code = "POSITION_INVALID"
    ja = "表示順は{minimum}〜{maximum}で指定してください。"
    en = "Give a position from {minimum} to {maximum}."


class PublishWindowInvalid(Refusal):
    """The product would end to be published before it begins."""

    code = "PUBLISH_WINDOW_INVALID"
    ja = "公開終了は公開開始より後にしてください。"
    en = "Let a product's publication end after it begins."


class RowRepeated(Refusal):
    """The batch has an earlier row with the same code."""

    code = "ROW_REPEATED"
    ja = "同じコードの行がすでにあります(0から数えて{first_row}行目)。どちらか一方だけを送ってください。"
    en = "Row {first_row}, counted from 0, has the same code. Send only one of the two."


class SkuTaken(Refusal):
    """Another product has a SKU with this code."""

    code = "SKU_TAKEN"
    ja = (
        "このSKUコードは商品 {product_code} で使われています。"
        "先にその商品から外すか、別のコードを指定してください。"
    )
    en = "The product {product_code} has a SKU with this code. Take it out there first, or use another code."


class JanTaken(Refusal):
    """Another SKU has this JAN."""

    code = "JAN_TAKEN"
    ja = (
        "このJANコードは商品 {product_code} で使われています。"
        "先にその商品から外すか、JANコードを確認してください。"
    )
    en = "The product {product_code} has a SKU with this JAN. Take it out there first, or check the JAN."


class CategoryNotFound(Refusal):
    """There is no such category."""

    code = "CATEGORY_NOT_FOUND"
    ja = "カテゴリーが見つかりません。一覧にあるカテゴリーを指定してください。"
    en = "There is no such category. Name one that is in the list of categories."


class CategoryLoop(Refusal):
    """The category would stand below itself."""

    code = "CATEGORY_LOOP"
    ja = "カテゴリーを自分自身の下に置くことはできません。別の親カテゴリーを指定してください。"
    en = "A category cannot stand below itself. Name another parent."


class CategoryTooDeep(Refusal):
    """The tree of categories would have too many levels."""

    code = "CATEGORY_TOO_DEEP"
    ja = "カテゴリーは{maximum}階層までです。上の階層に置いてください。"
    en = "Categories have {maximum} levels at the most. Place this one higher up."


class TooManyCategories(Refusal):
    """The retailer has as many categories as there can be."""

    code = "TOO_MANY_CATEGORIES"
    ja = "カテゴリーは{maximum}件までです。既存のカテゴリーをお使いください。"
    en = "There can be {maximum} categories at the most. Use one that there is."


class ExactlyOneNeeded(Refusal):
    """A product is asked for by its id, by a JAN or by a SKU's code: by exactly one of them."""

    code = "EXACTLY_ONE_NEEDED"
    ja = "id、jan、sku のうち1つだけを指定してください。"
    en = "Give exactly one of id, jan and sku."


class SkuNotForSale(Refusal):
    """The SKU does not exist, or its product is not sold now."""

    code = "SKU_NOT_FOR_SALE"
    ja = "この商品は現在販売していません({sku_id})。ほかの商品をお選びください。"
    en = "{sku_id} is not for sale now. Please choose something else."
