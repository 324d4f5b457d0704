"""What the tray shows: finished sentences in the agent's language, so that the tray itself knows no rules."""

from collections.abc import Sequence

import msgspec

from agent import health
from agent.config import Language, VoicePlayer
from agent.errors import StorageError
from agent.health import Health, Remark, Seen
from agent.pages.words import Words
from agent.state import DeviceView, StateView
from agent.voice.voice import Announcement, VoiceView
from domain.modes import Mode
from domain.times import Millis, shown


class PrinterShown(msgspec.Struct, frozen=True):
    """`words`: the printer with its state as a clerk would say it."""

    name: str
    state: str
    words: str


class Sound(msgspec.Struct, frozen=True):
    """`can`: something on this computer speaks. `paused_until` is the clerk's own pause."""

    can: bool
    paused_until: Millis | None


class TrayView(msgspec.Struct, frozen=True):
    """`headline` is the worst remark, `lines` are the others; `waiting` counts orders nobody began with."""

    version: str
    language: Language
    store: str
    health: Health
    headline: str
    lines: tuple[str, ...] = ()
    waiting: int = 0
    line: str = ""
    printers: tuple[PrinterShown, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    sound: Sound | None = None
    """None where the settings want none."""
    mode: Mode = Mode.LIVE


def tray_view(seen: Seen, announcements: tuple[Announcement, ...], voice: VoiceView, words: Words) -> TrayView:
    state, found = seen.state, health.remarks(seen, words)
    headline, lines = _said(found, words)
    return TrayView(
        version=state.version,
        language=words.language,
        store=state.store_name or words("unpaired_store"),
        health=health.worst(found),
        headline=headline,
        lines=lines,
        waiting=sum(health.to_begin(card) for card in seen.cards),
        line=_line(state, words),
        printers=tuple(_printer(printer, words) for printer in state.printers),
        announcements=announcements,
        sound=None if voice.player is VoicePlayer.OFF else Sound(voice.can, voice.paused_until),
        mode=state.mode,
    )


def without_data(version: str, error: StorageError, words: Words) -> TrayView:
    """The data file cannot even be read."""
    remark = health.storage_remark(error, words)
    return TrayView(version, words.language, "", remark.health, remark.sentence)


def _said(remarks: Sequence[Remark], words: Words) -> tuple[str, tuple[str, ...]]:
    """What is to be done stands before what explains it."""
    more = (sentence for remark in remarks for sentence in remark.more)
    sentences = (*(remark.sentence for remark in remarks), *more)
    return (sentences[0], sentences[1:]) if sentences else (words("health.well"), ())


def _line(state: StateView, words: Words) -> str:
    polling = f" · {words('polling')}" if state.line.polling else ""
    outage = state.outage
    since = outage.since if outage.since is not None else state.line.since
    return f"{words(f'line.{outage.state}')} · {words('since')} {shown(since)}{polling}"


def _printer(printer: DeviceView, words: Words) -> PrinterShown:
    paused = f"{words.cause('paused')} · " if printer.paused else ""
    cause = f" · {words.cause(printer.cause)}" if printer.cause else ""
    low = f" · {words.cause('paper_near_end')}" if printer.paper_near_end else ""
    said = f"{printer.name}：{paused}{words(f'printer.{printer.state}')}{cause}{low}"
    return PrinterShown(printer.name, printer.state, said)
