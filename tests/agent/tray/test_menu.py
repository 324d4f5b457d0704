from dataclasses import replace

import pytest

from agent.tray.menu import (
    LONGEST_TITLE,
    MOST_ANNOUNCEMENTS,
    SEPARATOR,
    Entry,
    Open,
    PauseSound,
    Quit,
    ResumeSound,
    menu,
    title,
)
from agent.tray.view import Announcement, Sound, View, not_running
from agent.tray.words import ENGLISH, WORDS
from tests.agent.tray.views import DOWN, LOOK, NEW_ORDER, WELL

HALF_PAST_NOON = 1_795_235_400_000


def texts(view: View) -> list[str]:
    return [entry.text.strip() for entry in menu(view) if entry is not SEPARATOR]


def does(view: View, text: str) -> Entry:
    (found,) = [entry for entry in menu(view) if text in entry.text]
    return found


def test_everything_a_clerk_asks_the_icon() -> None:
    assert texts(LOOK) == [
        "▲ 请查看：自 11-22 09:00 与总部断开",
        "打印机 后台 纸快用完",
        "待处理订单：3",
        "打印机 前台：正常",
        "总部：已连接总部 · 自 11-22 08:00",
        "静音 30 分钟",
        "诊断",
        "打开接单页面",
        "退出托盘图标（接单和打印不受影响）",
    ]


def test_what_a_click_does() -> None:
    assert does(WELL, "待处理").action == Open("/")
    assert does(WELL, "打印机").action == Open("/printers")
    assert does(WELL, "诊断").action == Open("/doctor")
    assert does(WELL, "静音").action == PauseSound()
    assert does(WELL, "退出").action == Quit()
    assert [entry.text for entry in menu(WELL) if entry.main] == ["打开接单页面"]


def test_what_waits_to_be_heard_opens_its_order() -> None:
    view = replace(WELL, announcements=(NEW_ORDER, Announcement("p", "前台打印机缺纸")))
    assert does(view, "美团新订单 12 号").action == Open("/orders/o12")
    assert does(view, "缺纸").action == Open("/")


def test_a_trial_is_named() -> None:
    assert "试运行：不向平台确认，不推库存" in texts(replace(WELL, trial=True))


def test_a_long_list_is_cut() -> None:
    view = replace(WELL, announcements=tuple(replace(NEW_ORDER, id=str(n)) for n in range(MOST_ANNOUNCEMENTS + 4)))
    assert sum("新订单" in text for text in texts(view)) == MOST_ANNOUNCEMENTS
    assert "还有 4 条" in texts(view)


@pytest.mark.parametrize(
    ("sound", "shown"),
    [
        (Sound(can=True), ["静音 30 分钟"]),
        (Sound(can=True, paused_until=HALF_PAST_NOON), ["已静音到 12:30", "恢复声音"]),
        (Sound(can=False), ["本机不能发声"]),
        (None, []),
    ],
)
def test_sound(sound: Sound | None, shown: list[str]) -> None:
    view = replace(WELL, sound=sound)
    assert [text for text in texts(view) if "声" in text or "静音" in text] == shown
    if "恢复声音" in shown:
        assert does(view, "恢复").action == ResumeSound()


def test_a_service_that_is_gone_leaves_nothing_to_open() -> None:
    view = not_running(WELL)
    assert texts(view)[0] == "✖ 不能工作：接单服务未运行"
    assert [entry.action for entry in menu(view) if entry.action is not None] == [Quit()]


def test_the_same_menu_in_english() -> None:
    assert [entry.action for entry in menu(replace(LOOK, language=ENGLISH))] == [entry.action for entry in menu(LOOK)]
    assert "Quit this icon (orders and printing go on)" in texts(replace(LOOK, language=ENGLISH))


def test_both_languages_say_everything() -> None:
    for words in WORDS.values():
        assert all(getattr(words, name) for name in words.__slots__)


@pytest.mark.parametrize("view", [WELL, LOOK, DOWN, not_running(WELL)])
def test_the_tooltip_says_it_in_words_and_fits(view: View) -> None:
    assert view.headline in title(view)
    long = replace(view, headline="打印机不能打印，" * 40, waiting=123)
    assert len(title(long)) <= LONGEST_TITLE
    assert not view.running or title(long).endswith("123")
