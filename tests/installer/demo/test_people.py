"""The demo's colleagues: there at the first start, the same at the next, on duty as told."""

import time
from pathlib import Path

import pytest

from cloud import commands, config
from cloud.people import roster, staff
from domain.codes import BadgeCode, classify
from domain.proofs import pin_flaw
from domain.times import DAY, HOUR
from installer.demo import people, settings
from installer.demo.chain import file

HUB = settings.hub(0, "http://127.0.0.1:1", "1")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    path = tmp_path / "hub.toml"
    path.write_bytes(HUB)
    commands.load_chain(config.load(path), file())
    return path


def test_badges_and_pins_are_good_ones() -> None:
    assert [pin_flaw(one.pin) for one in people.PEOPLE] == [""] * len(people.PEOPLE)
    assert all(classify(one.badge) == BadgeCode(one.badge) for one in people.PEOPLE)
    assert len({one.badge for one in people.PEOPLE}) == len(people.PEOPLE)
    assert all(one.badge in people.cards_page() and one.pin in people.cards_page() for one in people.PEOPLE)


def test_a_second_start_changes_nothing(hub: Path) -> None:
    people.employ(hub, ["S001", "S002"])
    with commands.opened(config.load(hub)) as database, database.read() as connection:
        chain = config.load(hub).chain
        first = staff.members(connection, chain), roster.between(connection, chain, 0, 2**62)
        at = int(time.time() * 1000)
        noon = (at + 8 * HOUR) // DAY * DAY + 4 * HOUR  # of China's day, in UTC
        by_store = {one.store: one for one in first[1] if one.covers(noon)}
        assert set(by_store) == {"S001", "S002"}
        events = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
    people.employ(hub, ["S001", "S002"])
    with commands.opened(config.load(hub)) as database, database.read() as connection:
        assert (staff.members(connection, chain), roster.between(connection, chain, 0, 2**62)) == first
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == events
    assert all(member.pin and member.badge for member in first[0])
