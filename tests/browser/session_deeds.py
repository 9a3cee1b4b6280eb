"""What a member does in the app with her sessions."""

from playwright.async_api import expect

from app.shared.i18n import Language
from app.shared.ids import new_id
from tests.arrangements import a_code
from tests.browser.deeds import Deed, Stage
from tests.browser.test_app_me import ask_code, give_code, sign_in


class SigningIn(Deed):
    """As a guest, whose own session ends by it; the device's id is a secret that opens nothing any more."""

    operation = "sign_in"

    async def prepare(self, stage: Stage) -> None:
        stage.props["guest"] = await stage.app.member_id()
        stage.props["address"] = f"{new_id()}@example.com"
        stage.props["code"] = await ask_code(stage.app, stage.services, stage.props["address"])

    async def do(self, stage: Stage) -> None:
        await give_code(stage.app, stage.props["code"])

    async def is_seen(self, stage: Stage) -> None:
        await stage.app.until("location.hash === '#/me' || location.hash === '#/me/signIn'")
        await stage.app.visit("me")
        await expect(stage.app.view).to_contain_text(stage.props["address"])

    async def is_done_once(self, stage: Stage) -> None:
        assert await stage.app.member_id() == stage.props["guest"]
        assert len(await stage.services.sessions.of_member(stage.props["guest"])) == 1


class EndingASession(Deed):
    operation = "revoke_session"

    async def prepare(self, stage: Stage) -> None:
        address = f"{new_id()}@example.com"
        await sign_in(stage.app, stage.services, address)
        code = await a_code(stage.services, address)
        await stage.services.sign_in.sign_in(code, "タブレット", Language.JA, None)
        await stage.app.visit("me/devices")

    async def do(self, stage: Stage) -> None:
        await stage.press("タブレット をサインアウト")

    async def is_seen(self, stage: Stage) -> None:
        await expect(stage.app.view.locator(".rows > li")).to_have_count(1)

    async def is_done_once(self, stage: Stage) -> None:
        assert len(await stage.services.sessions.of_member(await stage.app.member_id())) == 1


class SigningOut(Deed):
    operation = "sign_out"
    where, button = "me", "サインアウト"

    async def prepare(self, stage: Stage) -> None:
        await sign_in(stage.app, stage.services, f"{new_id()}@example.com")
        stage.props["member"] = await stage.app.member_id()
        await stage.app.visit(self.where)

    async def do(self, stage: Stage) -> None:
        await stage.press(self.button)

    async def is_seen(self, stage: Stage) -> None:
        await stage.app.is_told("サインアウトされました")
        await stage.app.visit("home")
        await expect(stage.app.view.locator(".card")).to_be_visible()
        await stage.app.visit("me")
        await expect(stage.app.view).to_contain_text("ゲスト")

    async def is_done_once(self, stage: Stage) -> None:
        assert await stage.services.sessions.of_member(stage.props["member"]) == []


class SigningOutEverywhere(SigningOut):
    operation = "sign_out_everywhere"
    where, button = "me/devices", "すべての端末からサインアウト"
