"""The refusals of carts."""

from app.shared.errors import Refusal


class CartQuantityInvalid(Refusal):
    """A line of a cart has too many pieces, or fewer than none."""

    code = "CART_QUANTITY_INVALID"
    ja = "数量は0〜{maximum}点で指定してください。0にすると削除します。"
    en = "Give 0 to {maximum} pieces; 0 takes the line out of the cart."


class CartFull(Refusal):
    """The cart has as many lines as an order may have."""

    code = "CART_FULL"
    ja = "カートに入れられる商品は{maximum}種類までです。不要な商品を削除してください。"
    en = "A cart holds {maximum} different items at the most. Take one out first."


class CartChanged(Refusal):
    """The cart was changed since the caller looked at it, perhaps on another device of hers."""

    code = "CART_CHANGED"
    ja = "カートが更新されています。最新の内容を確認して、もう一度お試しください。"
    en = "The cart has changed meanwhile. Look at it again, then try once more."


class StoreWithoutPickup(Refusal):
    """Orders cannot be picked up at the store."""

    code = "STORE_WITHOUT_PICKUP"
    ja = "この店舗では商品の受け取りができません。ほかの店舗をお選びください。"
    en = "Orders cannot be picked up at this store. Please choose another one."
