"""A tray that runs since the morning understands a service of another version as far as it can."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import Language
from agent.health import Health
from agent.tray.view import Announcement, Sound, View, read
from agent.tray_view import PrinterShown, TrayView

TOLD = TrayView(
    version="0.1.0",
    language=Language.ENGLISH,
    store="和平路店",
    health=Health.LOOK,
    headline="h",
    lines=("a", "b"),
    waiting=3,
    line="online",
    printers=(PrinterShown("前台", "ready", "前台：正常"),),
)


def as_told(view: TrayView) -> dict[str, object]:
    answer: dict[str, object] = msgspec.json.decode(msgspec.json.encode(view))
    return answer


def test_all_that_the_service_says_is_understood() -> None:
    assert read(as_told(TOLD)) == View(
        "look", "h", "en", store="和平路店", lines=("a", "b"), waiting=3, line="online", printers=("前台：正常",)
    )


def test_announcements_and_sound() -> None:
    more = {
        "announcements": [{"id": 7, "sentence": "s", "order_id": "o1", "kind": "x"}, {"id": "p", "sentence": "t"}],
        "sound": {"can": True, "paused_until": 12},
    }
    view = read({**as_told(TOLD), **more})
    assert view.announcements == (Announcement("7", "s", "o1"), Announcement("p", "t"))
    assert view.sound == Sound(can=True, paused_until=12)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("health", "headline", "language", "store", "lines", "waiting", "line", "printers", "announcements", "sound")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(("well", "look", "down")))
def test_whatever_else_it_says_is_no_reason_to_stop(odd: dict[str, object], health: str) -> None:
    assert read({**odd, "health": health, "headline": "h"}).headline == "h"


@pytest.mark.parametrize("answer", [None, [], {}, {"health": "fine"}, "well"])
def test_what_is_no_view_is_refused(answer: object) -> None:
    with pytest.raises(ValueError, match="health"):
        read(answer)
