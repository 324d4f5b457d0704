"""What the service says of itself (`GET /api/tray`), as far as this tray understands it.

The service may be newer or older than a tray that has run since the morning: what is unknown is passed over, what is
missing is empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agent.tray.words import CHINESE, WORDS

HEALTHS = ("well", "look", "down")


@dataclass(frozen=True, slots=True)
class Announcement:
    """`order_id` is empty for what is about no order."""

    id: str
    sentence: str
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """`can`: something on this computer speaks. `paused_until` is in milliseconds since 1970."""

    can: bool = False
    paused_until: int | None = None


@dataclass(frozen=True, slots=True)
class View:
    health: str
    headline: str
    language: str = CHINESE
    store: str = ""
    lines: tuple[str, ...] = ()
    waiting: int = 0
    line: str = ""
    printers: tuple[str, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    sound: Sound | None = None
    trial: bool = False
    """Beside another system (试运行): no platform is told anything."""
    running: bool = True
    """False: nothing of this comes from the service, because it does not answer."""


def starting() -> View:
    """Both start with the computer, and the tray may be the first."""
    return View("look", WORDS[CHINESE].starting, running=False)


def not_running(last: View, why: Mapping[str, str] | None = None) -> View:
    """Of the store, and in the language, of which the service was last heard; with the last word that it left."""
    words, said = WORDS[last.language], (why or {}).get(last.language, "")
    return View("down", words.not_running, last.language, last.store, lines=(said or words.start_it,), running=False)


def not_for_us(last: View) -> View:
    words = WORDS[last.language]
    return View("down", words.not_for_you, last.language, last.store, lines=(words.sit_here,), running=False)


def read(answer: object) -> View:
    """Raises ValueError for what is no view at all."""
    told = _Told(answer)
    health = told.text("health")
    if health not in HEALTHS:
        raise ValueError(f"health is {health!r}")
    language = told.text("language")
    view = View(health, told.text("headline"), language if language in WORDS else CHINESE)
    return replace(
        view,
        store=told.text("store"),
        lines=tuple(line for line in told.items("lines") if isinstance(line, str)),
        waiting=told.number("waiting") or 0,
        line=told.text("line"),
        printers=tuple(_Told(printer).text("words") for printer in told.items("printers")),
        announcements=tuple(_announcements(told)),
        sound=_sound(told),
        trial=told.text("mode") == "shadow",
    )


def _announcements(told: "_Told") -> Iterator[Announcement]:
    for each in map(_Told, told.items("announcements")):
        yield Announcement(each.text("id"), each.text("sentence"), each.text("order_id"))


def _sound(told: "_Told") -> Sound | None:
    """None from a service that says nothing of it."""
    sound = _Told(told.values.get("sound"))
    return Sound(sound.values.get("can") is True, sound.number("paused_until")) if sound.values else None


class _Told:
    """A JSON object whose members may be missing or of another kind."""

    def __init__(self, answer: object) -> None:
        self.values: dict[str, object] = answer if isinstance(answer, dict) else {}

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return str(value) if isinstance(value, str | int) else ""

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def items(self, name: str) -> list[object]:
        value = self.values.get(name)
        return value if isinstance(value, list) else []
