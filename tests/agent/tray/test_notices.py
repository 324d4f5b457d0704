from dataclasses import replace

import pytest

from agent.tray.notices import LASTS_SECONDS, LONGEST_TEXT, LONGEST_TITLE, Notice, Notices
from agent.tray.view import Announcement, View, not_running, starting
from tests.agent.tray.views import DOWN, LOOK, NEW_ORDER, WELL

LATER = LASTS_SECONDS + 1
GONE = not_running(WELL)


def told(*looks: tuple[float, View]) -> list[str]:
    notices = Notices()
    return [notice.text for at, view in looks for notice in notices.new(view, at)]


def test_an_announcement_is_shown_once() -> None:
    view = replace(WELL, announcements=(NEW_ORDER,))
    assert told((0, view), (2, view), (4, WELL), (6, WELL)) == ["美团新订单 12 号"]


def test_what_comes_together_is_shown_together() -> None:
    urged = Announcement("8", "美团 12 号催单", "o12")
    first, both = replace(WELL, announcements=(NEW_ORDER,)), replace(WELL, announcements=(NEW_ORDER, urged))
    assert told((0, both)) == ["美团新订单 12 号\n美团 12 号催单"]
    assert told((0, first), (2, both)) == ["美团新订单 12 号", "美团 12 号催单"]


def test_more_new_orders_are_news() -> None:
    many = [replace(WELL, announcements=(Announcement("many", f"有 {n} 个新订单"),)) for n in (4, 5)]
    assert told((0, many[0]), (2, many[1])) == ["有 4 个新订单", "有 5 个新订单"]


def test_a_service_that_comes_back_repeats_nothing() -> None:
    view = replace(WELL, announcements=(NEW_ORDER,))
    assert told((0, view), (2, GONE), (4, view)) == ["美团新订单 12 号"]


@pytest.mark.parametrize("trouble", [DOWN, GONE])
def test_trouble_is_told_once_it_lasted_and_called_off(trouble: View) -> None:
    first, last = told(
        (0, WELL), (2, trouble), (3, trouble), (2 + LATER, trouble), (20, trouble), (21, WELL), (40, WELL)
    )
    assert trouble.headline in first and "恢复正常" in last


def test_what_passes_quickly_calls_nobody() -> None:
    assert told((0, WELL), (2, GONE), (4, WELL), (6, DOWN), (8, WELL), (60, WELL)) == []


def test_a_computer_that_starts_calls_nobody() -> None:
    assert told((0, starting()), (20, starting()), (22, WELL), (40, WELL)) == []


def test_what_is_to_be_looked_at_is_said_once() -> None:
    other = replace(LOOK, headline="美团 #12：骑手已到店")
    assert told((0, LOOK), (LATER, LOOK), (20, other), (40, other), (60, WELL), (80, WELL)) == [
        "▲ 请查看：自 11-22 09:00 与总部断开\n打印机 后台 纸快用完"
    ]


def test_trouble_that_changes_is_told_again() -> None:
    assert len(told((0, LOOK), (LATER, LOOK), (LATER + 1, DOWN), (3 * LATER, DOWN))) == 2
    assert len(told((0, GONE), (LATER, GONE), (LATER + 1, DOWN), (3 * LATER, DOWN))) == 2


def test_a_store_that_begins_in_trouble_is_told_of_it() -> None:
    assert len(told((0, DOWN), (LATER, DOWN))) == 1


def test_a_notification_fits_where_windows_shows_it() -> None:
    long = replace(LOOK, store="店" * 200, lines=("很长的一句话。" * 60,), announcements=(NEW_ORDER,) * 90)
    notices = Notices()
    notices.new(long, 0)
    for notice in notices.new(long, LATER):
        assert isinstance(notice, Notice)
        assert len(notice.title) <= LONGEST_TITLE and len(notice.text) <= LONGEST_TEXT
