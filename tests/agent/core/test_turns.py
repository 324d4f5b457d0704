"""Who speaks next: whatever comes, is seen, is quiet or paused, nothing seen is said, and nothing unseen is drowned."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.announcements import Kind, Waiting
from agent.config import VoiceSettings
from agent.voice.quiet_hours import parse, quiet_until
from agent.voice.turns import Turns
from domain.times import CHINA, DAY, HOUR, MINUTE, SECOND, Millis
from tests.agent.core.conftest import VirtualClock
from tests.agent.core.hub import NOON

SPEAKING: Millis = 4 * SECOND
REPEAT: Millis = 60 * SECOND


def one(number: int, kind: Kind = Kind.NEW_ORDER, at: Millis = NOON, members: tuple[str, ...] = ()) -> Waiting:
    return Waiting(f"{number}", kind, at, members or (f"{number}",))


def turns_by(clock: VirtualClock, *quiet: str) -> Turns:
    settings = VoiceSettings(repeat_seconds=REPEAT // SECOND, quiet=quiet)
    return Turns(clock, lambda: settings)


def say_all(turns: Turns) -> list[str]:
    said = []
    while (next_one := turns.next()) is not None:
        turns.said(next_one)
        said.append(next_one.id)
    return said


def test_the_urgent_first_then_the_oldest(clock: VirtualClock) -> None:
    turns = turns_by(clock)
    turns.heed((one(1), one(2, at=NOON - 1), one(3, Kind.URGED), one(4, Kind.CANCELLED), one(5, Kind.PRINTER)))
    assert say_all(turns) == ["4", "5", "3", "2", "1"]
    clock.advance(REPEAT - 1)
    assert say_all(turns) == []
    clock.advance(1)
    assert sorted(say_all(turns)) == ["1", "2", "3", "4", "5"]


def test_what_is_new_goes_before_a_repetition_however_urgent(clock: VirtualClock) -> None:
    turns = turns_by(clock)
    turns.heed((one(1, Kind.CANCELLED),))
    say_all(turns)
    clock.advance(REPEAT)
    turns.heed((one(1, Kind.CANCELLED), one(2)))
    assert say_all(turns) == ["2", "1"]


def test_one_more_among_many_is_news(clock: VirtualClock) -> None:
    turns = turns_by(clock)
    turns.heed((one(1, members=("a", "b")),))
    assert say_all(turns) == ["1"]
    turns.heed((one(1, members=("a", "b", "c")),))
    assert say_all(turns) == ["1"]
    turns.heed((one(2, members=("a",)), one(3, members=("b",))))
    assert say_all(turns) == [], "those that are left were said already"


def test_quiet_hours_and_a_pause_hold_back_and_lose_nothing(clock: VirtualClock) -> None:
    turns = turns_by(clock, at_china(NOON) + "-" + at_china(NOON + HOUR))
    turns.heed((one(1),))
    assert turns.next() is None and turns.next_at() == NOON + HOUR
    clock.advance(HOUR)
    turns.pause(30)
    assert turns.next() is None and turns.next_at() == NOON + HOUR + 30 * MINUTE
    clock.advance(30 * MINUTE)
    assert say_all(turns) == ["1"] and turns.paused_until is None
    clock.advance(REPEAT)
    turns.pause(30)
    assert turns.next() is None
    turns.resume()
    assert say_all(turns) == ["1"]


def test_a_clock_set_back_silences_nobody(clock: VirtualClock) -> None:
    turns = turns_by(clock)
    turns.heed((one(1),))
    say_all(turns)
    clock.advance(-DAY)
    assert say_all(turns) == ["1"]


def at_china(at: Millis) -> str:
    return datetime.fromtimestamp(at / 1000, CHINA).strftime("%H:%M")


@pytest.mark.parametrize(
    ("span", "time", "left"),
    [
        ("22:00-07:00", "21:59", None),
        ("22:00-07:00", "22:00", 9 * HOUR),
        ("22:00-07:00", "00:30", 6 * HOUR + 30 * MINUTE),
        ("22:00-07:00", "06:59", MINUTE),
        ("22:00-07:00", "07:00", None),
        ("12:00-14:00", "13:00", HOUR),
        ("12:00-14:00", "11:59", None),
        ("00:00-24:00", "", None),
        ("07:00-07:00", "", None),
        ("7:00-8:00", "", None),
    ],
)
def test_quiet_hours_in_chinas_time(span: str, time: str, left: Millis | None) -> None:
    if not time:
        with pytest.raises(ValueError, match=span):
            parse(span)
        return
    now = int(datetime.fromisoformat(f"2026-11-22T{time}:00+08:00").timestamp() * 1000)
    assert quiet_until((span,), now) == (None if left is None else now + left)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.sampled_from([kind.value for kind in Kind])),
        st.tuples(st.just("see"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, 90)),
        st.tuples(st.just("pause"), st.integers(1, 3)),
        st.tuples(st.just("resume"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_nothing_seen_is_said_and_everything_unseen_within_its_turn(steps: list[tuple[str, str | int]]) -> None:
    """At most ten wait at a time and each takes four seconds: all have their turn within `REPEAT` and one round."""
    clock = VirtualClock()
    turns = turns_by(clock, at_china(NOON + 5 * MINUTE) + "-" + at_china(NOON + 8 * MINUTE))
    waiting: dict[str, Waiting] = {}
    unheard_since: dict[str, Millis] = {}
    limit = REPEAT + 11 * SPEAKING

    def run(until: Millis) -> None:
        while clock.at < until:
            silent = turns.silent_until()
            if silent is not None:
                unheard_since.update(dict.fromkeys(unheard_since, max(clock.at, 0)))
            said = turns.next()
            assert said is None or silent is None
            if said is not None:
                assert said.id in waiting
                assert clock.at - unheard_since[said.id] <= limit
                turns.said(said)
                unheard_since[said.id] = clock.at
            clock.advance(SPEAKING if said is not None else SECOND)
            assert all(silent is not None or clock.at - since <= limit for since in unheard_since.values())

    for number, (step, value) in enumerate(steps):
        if step == "come" and len(waiting) < 10:
            waiting[f"{number}"] = one(number, Kind(str(value)), clock.at)
            unheard_since[f"{number}"] = clock.at
        elif step == "see" and waiting:
            gone = sorted(waiting)[int(value) % len(waiting)]
            del waiting[gone], unheard_since[gone]
        elif step == "pause":
            turns.pause(int(value))
        elif step == "resume":
            turns.resume()
        turns.heed(tuple(waiting.values()))
        run(clock.at + (int(value) * SECOND if step == "wait" else 0))
    turns.resume()
    run(clock.at + 2 * limit)
