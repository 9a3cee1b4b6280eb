"""Why something is recommended, in words for the member."""

from app.recommendations.model import ReasonKind
from app.shared.i18n import Language

_TEXTS = {
    ReasonKind.RELATED_TO_LIKED: {
        Language.JA: "「{about}」が気になる方に選ばれています",
        Language.EN: "Goes with {about}, which you like",
    },
    ReasonKind.RELATED_TO_PRODUCT: {
        Language.JA: "「{about}」と一緒に選ばれています",
        Language.EN: "Often chosen together with {about}",
    },
    ReasonKind.LIKED_CATEGORY: {
        Language.JA: "{about}をよくご覧です",
        Language.EN: "You often look at {about}",
    },
    ReasonKind.LIKED_BRAND: {Language.JA: "{about}をよくご覧です", Language.EN: "You often look at {about}"},
    ReasonKind.NEARBY: {Language.JA: "すぐ近くにあります", Language.EN: "Right beside you"},
    ReasonKind.POPULAR: {Language.JA: "人気の商品です", Language.EN: "Popular"},
}


def reason_text(kind: ReasonKind, about: str, language: Language) -> str:
    """The reason; `about` is the name of what it is about."""
    return _TEXTS[kind][language].format(about=about)
