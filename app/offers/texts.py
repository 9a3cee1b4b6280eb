"""What offers say in words, in Japanese and English."""

from collections.abc import Mapping
from typing import Any

from app.members.model import Rank
from app.offers import conditions
from app.offers.conditions import Leaf, OnWeekdays, RankAtLeast
from app.offers.model import Benefit, BenefitKind, OfferMoment, UsableWhen
from app.shared.i18n import Language

JA, EN = Language.JA, Language.EN

WEEKDAYS = {
    JA: ("月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"),
    EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SEPARATORS = {JA: "・", EN: ", "}
RANKS = {
    JA: {Rank.MEMBER: "メンバー", Rank.SILVER: "シルバー", Rank.GOLD: "ゴールド", Rank.PLATINUM: "プラチナ"},
    EN: {rank: rank.value.capitalize() for rank in Rank},
}
_BENEFITS = {
    BenefitKind.PERCENT: {JA: "{value}%引き", EN: "{value} % off"},
    BenefitKind.AMOUNT: {JA: "{value:,}円引き", EN: "¥{value:,} off"},
    BenefitKind.FIXED_PRICE: {JA: "1点{value:,}円", EN: "¥{value:,} a piece"},
    BenefitKind.FREE_ITEM: {JA: "{value}点無料", EN: "{value} free"},
    BenefitKind.POINTS_MULTIPLIER: {JA: "ポイント{value}倍", EN: "{value} times the points"},
    BenefitKind.BONUS_POINTS: {JA: "{value:,}ポイント進呈", EN: "{value:,} bonus points"},
    BenefitKind.FREE_SHIPPING: {JA: "送料無料", EN: "Free shipping"},
}
# Why a member has a coupon: what held for her when it was given.
_REASONS: Mapping[type, Mapping[Language, str]] = {
    conditions.RankAtLeast: {JA: "{rank}以上の会員です", EN: "you are {rank} or higher"},
    conditions.MilesAtLeast: {JA: "今年{miles:,}マイル以上です", EN: "you have {miles:,} miles this year"},
    conditions.InSegment: {JA: "対象のお客様です", EN: "you are one of a chosen group"},
    conditions.SeenWithin: {JA: "{days}日以内にご来店いただきました", EN: "you came within {days} days"},
    conditions.AbsentFor: {JA: "{days}日ほどお会いしていません", EN: "we have not seen you for {days} days"},
    conditions.VisitsAtLeast: {
        JA: "{days}日間に{times}回以上ご来店いただきました",
        EN: "you came {times} times or more in {days} days",
    },
    conditions.BoughtAtLeast: {
        JA: "{days}日間に{times}回以上お買い上げいただきました",
        EN: "you bought {times} times or more in {days} days",
    },
    conditions.SpentAtLeast: {
        JA: "{days}日間に{yen:,}円以上お買い上げいただきました",
        EN: "you spent ¥{yen:,} or more in {days} days",
    },
    conditions.BirthdayMonth: {JA: "お誕生月です", EN: "it is the month of your birthday"},
    conditions.InterestedInCategory: {
        JA: "{category}によく関心をお持ちです",
        EN: "you often look for {category}",
    },
    conditions.InterestedInBrand: {JA: "{brand}によく関心をお持ちです", EN: "you often look for {brand}"},
    conditions.NearStore: {JA: "{store}の近くにいらっしゃいます", EN: "you are near {store}"},
    conditions.OnWeekdays: {JA: "{weekdays}です", EN: "it is {weekdays}"},
    conditions.BetweenHours: {
        JA: "{from_hour}時〜{until_hour}時です",
        EN: "it is between {from_hour} and {until_hour} o'clock",
    },
    conditions.NewWithin: {JA: "ご入会ありがとうございます", EN: "you are new here"},
    conditions.HasUsed: {JA: "以前のクーポンをご利用いただきました", EN: "you used an earlier coupon"},
}

# What had just happened when a member was given a coupon without asking.
_MOMENTS: Mapping[OfferMoment, Mapping[Language, str]] = {
    OfferMoment.SIGN_UP: {JA: "ご入会ありがとうございます", EN: "welcome"},
    OfferMoment.CHECK_IN: {
        JA: "{store}へのご来店ありがとうございます",
        EN: "thank you for coming to {store}",
    },
    OfferMoment.BEACON: {JA: "{store}の売り場のすぐ近くです", EN: "you are right beside it at {store}"},
    OfferMoment.SEARCH: {JA: "お探しものがありましたね", EN: "you were looking for something"},
    OfferMoment.PURCHASE: {JA: "お買い上げありがとうございました", EN: "thank you for your purchase"},
    OfferMoment.BIRTHDAY: {JA: "お誕生日おめでとうございます", EN: "happy birthday"},
    OfferMoment.ABSENCE: {JA: "またのお越しをお待ちしています", EN: "we have missed you"},
}

# What categories and stores are called, by their ids.
Names = Mapping[str, Mapping[Language, str]]


def benefit_text(benefit: Benefit, language: Language) -> str:
    """What a coupon gives, in words."""
    text = _BENEFITS[benefit.kind][language].format(value=benefit.value)
    if benefit.maximum_discount is None:
        return text
    limit = {JA: "(最大{maximum:,}円)", EN: " (up to ¥{maximum:,})"}[language]
    return text + limit.format(maximum=benefit.maximum_discount)


def reason_text(leaf: Leaf, names: Names, language: Language) -> str:
    """Why she has it, in words: one reason."""
    told: dict[str, Any] = {name: getattr(leaf, name) for name in leaf.__dataclass_fields__}
    match leaf:
        case RankAtLeast(rank=rank):
            told["rank"] = RANKS[language][rank]
        case OnWeekdays(weekdays=weekdays):
            told["weekdays"] = {JA: "・", EN: ", "}[language].join(
                WEEKDAYS[language][day] for day in weekdays
            )
        case conditions.InterestedInCategory(category_id=category_id):
            told["category"] = _name(names, category_id, language)
        case conditions.NearStore(store_id=store_id):
            told["store"] = _name(names, store_id, language)
    return _REASONS[type(leaf)][language].format(**told)


def moment_text(moment: OfferMoment, store_id: str | None, names: Names, language: Language) -> str:
    """What had just happened when she was given it, in words."""
    store = _name(names, store_id, language) if store_id else ""
    return _MOMENTS[moment][language].format(store=store)


def validity_text(when: UsableWhen, is_today_alone: bool, names: Names, language: Language) -> str:
    """When and where she can use it, as in `valid today at 15:00–18:00 at Umeda`; empty: always."""
    today = {JA: "本日", EN: "today"}[language] if is_today_alone else ""
    stores = _SEPARATORS[language].join(
        _name(names, each, language) for each in sorted(when.store_ids) if each in names
    )
    hours = when_texts(when)[language.value]
    if language is JA:
        parts = [today, hours, f"{stores}で" if stores else ""]
        return " ".join(filter(None, parts)) + ("使えます" if stores else "に使えます") if any(parts) else ""
    parts = [today, hours, f"at {stores}" if stores else ""]
    return " ".join(["valid", *filter(None, parts)]) if any(parts) else ""


def _name(names: Names, key: str, language: Language) -> str:
    return names[key][language] if key in names else key


def when_texts(when: UsableWhen) -> dict[str, str]:
    """On which days of the week and at what hours a coupon may be used, by language; empty: always."""
    is_all_day = when.until_minute - when.from_minute == 24 * 60
    hours = "" if is_all_day else f"{_clock_time(when.from_minute)}–{_clock_time(when.until_minute)}"
    days = {
        language: _SEPARATORS[language].join(WEEKDAYS[language][day] for day in sorted(when.weekdays))
        for language in Language
    }
    in_english = [f"on {days[EN]}" if days[EN] else "", f"at {hours}" if hours else ""]
    return {"ja": " ".join(filter(None, [days[JA], hours])), "en": " ".join(filter(None, in_english))}


def _clock_time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
