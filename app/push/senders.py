"""The services of push that the settings name."""

from app.push.apns import ApnsSender
from app.push.fcm import FcmSender
from app.push.model import PushPlatform
from app.push.sender import PushSender
from app.shared.clock import Clock
from app.shared.settings.model import Settings
from app.shared.settings.push import AppleKey, GoogleAccount, apple_private_key


def push_senders(settings: Settings, clock: Clock) -> dict[PushPlatform, PushSender]:
    """A sender for each platform that is set up."""
    senders: dict[PushPlatform, PushSender] = {}
    if settings.fcm_account_file is not None:
        account = GoogleAccount.from_file(settings.fcm_account_file)
        senders[PushPlatform.FCM] = FcmSender(account, settings.fcm_api_base, clock)
    if settings.apns_key_file and settings.apns_key_id and settings.apns_team_id and settings.apns_topic:
        key = AppleKey(
            settings.apns_key_id,
            settings.apns_team_id,
            settings.apns_topic,
            apple_private_key(settings.apns_key_file),
        )
        senders[PushPlatform.APNS] = ApnsSender(key, settings.apns_api_base, clock)
    return senders
