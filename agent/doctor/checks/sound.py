"""Does the store hear its orders? Who speaks, as the running agent sees it."""

from agent.config import VoicePlayer
from agent.doctor.case import Case
from agent.doctor.findings import Finding, Said, found

_PLAYERS = {
    VoicePlayer.TRAY: Said("托盘", "the tray"),
    VoicePlayer.SERVICE: Said("服务", "the service"),
    VoicePlayer.PAGE: Said("打开的网页", "an open page"),
}


def sound(case: Case) -> list[Finding]:
    if case.running is None:
        return []
    view, chosen = case.running.voice, case.settings.voice.player
    if view.player is VoicePlayer.OFF:
        return [found("sound.off")]
    speech = [found("sound.no_speech", why=view.speech_trouble)] if view.speech_trouble else []
    if view.can or view.player is chosen is VoicePlayer.PAGE:
        return [found("sound.ok", player=_PLAYERS[view.player]), *speech]
    if view.player is VoicePlayer.SERVICE:
        return [found("sound.cannot", why=view.trouble)]
    return [found("sound.no_tray" if view.player is VoicePlayer.TRAY else "sound.page_only", detail=view.trouble)]
