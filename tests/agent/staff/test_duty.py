"""Which pharmacists are on duty: the roster, and who came and went."""

from agent import outbox
from agent.staff import colleagues, duty
from domain.events import RosterSet
from domain.operations import OnDutyChanged, PinChanged, decode_body
from domain.staff import OnDuty, Staff
from domain.times import HOUR
from tests.agent.core.hub import NOON, STORE
from tests.agent.staff.conftest import Store

SHIFT = OnDuty("wang", "王药师", NOON, NOON + 8 * HOUR, STORE)
REMOTE = OnDuty("li", "李药师", NOON - HOUR, NOON + HOUR)


def on_duty(shop: Store) -> list[str]:
    return [one.staff_id for one in shop.work.read(duty.on_duty)]


def change(shop: Store, staff: Staff, present: bool) -> None:
    shop.work.write(lambda tx: duty.change(tx, staff, present=present))


def test_nobody_without_a_roster(shop: Store) -> None:
    assert on_duty(shop) == []
    assert shop.work.read(duty.next_here) is None


def test_the_roster(shop: Store) -> None:
    tomorrow = OnDuty("wang", "王药师", NOON + 24 * HOUR, NOON + 32 * HOUR, STORE)
    shop.tell(RosterSet((tomorrow, SHIFT, REMOTE)))
    assert on_duty(shop) == ["wang"]
    assert shop.work.read(lambda reading: duty.is_on_duty(reading, "wang"))
    assert not shop.work.read(lambda reading: duty.is_on_duty(reading, "li"))
    assert shop.work.read(duty.remote) == (REMOTE,)
    assert shop.work.read(duty.next_here) == tomorrow
    shop.clock.advance(8 * HOUR)
    assert on_duty(shop) == [] and shop.work.read(duty.remote) == ()


def test_a_roster_replaces_the_last(shop: Store) -> None:
    shop.tell(RosterSet((SHIFT,)), RosterSet(()))
    assert on_duty(shop) == []


def test_another_stores_shift_and_a_picker_on_the_roster_do_not_count(shop: Store) -> None:
    elsewhere = OnDuty("wang", "王药师", NOON, NOON + HOUR, "S9")
    picker = OnDuty("zhang", "张三", NOON, NOON + HOUR, STORE)
    shop.tell(RosterSet((elsewhere, picker)))
    assert on_duty(shop) == []


def test_who_comes_is_on_duty_and_headquarters_hears_of_it(shop: Store, wang: Staff) -> None:
    change(shop, wang, True)
    assert on_duty(shop) == ["wang"]
    change(shop, wang, False)
    assert on_duty(shop) == []
    said = [decode_body(operation) for operation in shop.work.read(outbox.pending)]
    assert said == [OnDutyChanged("wang", "王药师", True), OnDutyChanged("wang", "王药师", False)]


def test_who_forgets_to_go_is_off_after_a_while(shop: Store, wang: Staff) -> None:
    change(shop, wang, True)
    shop.clock.advance(12 * HOUR)
    assert on_duty(shop) == []


def test_who_leaves_early_is_off_until_the_next_shift(shop: Store, wang: Staff) -> None:
    later = OnDuty("wang", "王药师", NOON + 10 * HOUR, NOON + 12 * HOUR, STORE)
    shop.tell(RosterSet((SHIFT, later)))
    shop.clock.advance(HOUR)
    change(shop, wang, False)
    assert on_duty(shop) == []
    shop.clock.advance(9 * HOUR)
    assert on_duty(shop) == ["wang"]


def test_who_is_not_named_any_more_is_not_on_duty(shop: Store, zhang: Staff, wang: Staff) -> None:
    shop.tell(RosterSet((SHIFT,)))
    change(shop, wang, True)
    shop.staff(zhang)
    assert on_duty(shop) == []


def test_another_pin_counts_here_at_once_and_headquarters_hears_of_it(shop: Store, zhang: Staff) -> None:
    shop.work.write(lambda tx: colleagues.change_pin(tx, zhang, "$argon2id$new"))
    known = shop.work.read(lambda reading: colleagues.find(reading, "zhang"))
    assert known is not None and known.pin == "$argon2id$new"
    (operation,) = shop.work.read(outbox.pending)
    assert decode_body(operation) == PinChanged("zhang", "$argon2id$new")
