"""The refusals of news."""

from app.shared.errors import Refusal


class NewsTextInvalid(Refusal):
    """A title or text is missing in a language, too long, or has characters that cannot be shown."""

    code = "NEWS_TEXT_INVALID"
    ja = "日本語と英語の両方を、それぞれ{maximum}文字以内で入力してください。"
    en = "Write it in Japanese and in English, each in at most {maximum} characters that can be shown."


class NewsPictureInvalid(Refusal):
    """The picture's address is not an https one."""

    code = "NEWS_PICTURE_INVALID"
    ja = "画像のURLは https:// で始まる{maximum}文字以内のものを指定してください。"
    en = "Give a picture's address that begins with https:// and has at most {maximum} characters."


class NewsWindowInvalid(Refusal):
    """The window is over, ends before it begins, or is too long."""

    code = "NEWS_WINDOW_INVALID"
    ja = "掲載期間の終わりは、始まりと現在より後、かつ始まりから{maximum}日以内で指定してください。"
    en = "Let news end after it begins, after now, and at most {maximum} days after it begins."


class NewsAudienceInvalid(Refusal):
    """An audience of nobody, or of too many stores."""

    code = "NEWS_AUDIENCE_INVALID"
    ja = "対象のランクと店舗は1つ以上、店舗は{maximum}店以内で指定してください。省略すると全員が対象です。"
    en = "Name at least one rank and one store, at most {maximum} stores, or leave them out for everybody."


class NewsNotFound(Refusal):
    """There is no such news."""

    code = "NEWS_NOT_FOUND"
    ja = "お知らせが見つかりません。一覧を読み直してください。"
    en = "There is no such news. Read the list again."


class TooMuchNews(Refusal):
    """As much news as may be at a time is on or to come."""

    code = "TOO_MUCH_NEWS"
    is_final = False
    ja = "掲載中または予定のお知らせは{maximum}件までです。先にほかのお知らせを取り下げてください。"
    en = "At most {maximum} pieces of news can be on or to come. Withdraw another one first."
