"""Colleagues and the roster at headquarters, told to the stores that need them; on both databases."""

import asyncio

import pytest

from cloud import chain, tables
from cloud.errors import BadRoster, LockedOut, NotPermitted, UnknownStaff, UnknownStore, WrongProof
from cloud.people import pins, roster, staff, staffing
from cloud.people.proving import prove
from cloud.people.roster import Ended, Shift
from cloud.people.staffing import WantedStaff
from domain.codes import BadgeCode, classify
from domain.events import RosterSet, StaffSet
from domain.operations import OnDutyChanged, PinChanged
from domain.proofs import LOCKED, Proof
from domain.staff import OnDuty, Role, Staff, badge_digest
from domain.times import DAY, HOUR
from tests.cloud.hub import CHAIN, OTHER_STORE, START, STORE, Hub

ZHANG = WantedStaff("zhang", "张三", (Role.PICKER, Role.CHECKER), stores=(STORE,))
WANG = WantedStaff("wang", "王药师", (Role.PHARMACIST,), "ZY00123")
PIN = "273645"


def put(hub: Hub, *wanted: WantedStaff) -> None:
    with hub.transaction() as tx:
        for one in wanted:
            staffing.put(tx, one, by="operator")


def told(hub: Hub, store: str = STORE) -> dict[str, Staff]:
    """Who works there, by the last word."""
    last = hub.told(StaffSet, store=store)[-1]
    assert isinstance(last, StaffSet)
    return {one.staff_id: one for one in last.staff}


def duties(hub: Hub, store: str = STORE) -> list[tuple[str, int]]:
    last = hub.told(RosterSet, store=store)[-1]
    assert isinstance(last, RosterSet)
    return [(one.staff_id, one.begins_at) for one in last.on_duty]


def add(hub: Hub, shift: Shift) -> None:
    with hub.transaction() as tx:
        roster.add(tx, shift, by="operator")


def members(hub: Hub) -> dict[str, staff.Member]:
    with hub.database.read() as connection:
        return {one.staff_id: one for one in staff.members(connection, CHAIN)}


def test_each_store_is_told_of_its_own(hub: Hub) -> None:
    put(hub, ZHANG, WANG)
    assert set(told(hub)) == {"zhang", "wang"}
    assert set(told(hub, OTHER_STORE)) == {"wang"}
    assert told(hub)["wang"] == Staff("wang", "王药师", (Role.PHARMACIST,), licence="ZY00123")
    assert members(hub)["wang"].stores is None and members(hub)["zhang"].stores == (STORE,)


def test_who_moves_is_unknown_where_they_were(hub: Hub) -> None:
    put(hub, ZHANG, WantedStaff("zhang", "张三丰", (Role.MANAGER,), stores=(OTHER_STORE,)))
    assert told(hub) == {}
    assert told(hub, OTHER_STORE)["zhang"].roles == (Role.MANAGER,)
    assert members(hub)["zhang"].name == "张三丰"


def test_a_new_store_is_told_and_one_that_knows_is_not_told_again(hub: Hub) -> None:
    put(hub, ZHANG, WANG)
    add(hub, Shift("wang", START, START + HOUR))
    before = len(hub.events())
    with hub.transaction() as tx:
        chain.put_store(tx, "s3", "新店")
        chain.put_store(tx, STORE, "改名")
    assert set(told(hub, "s3")) == {"wang"} and duties(hub, "s3") == [("wang", START)]
    assert [event.kind for event in hub.events()[before:]] == ["store.configured"]


def test_a_store_nobody_knows_is_refused_whole(hub: Hub) -> None:
    with pytest.raises(UnknownStore):
        put(hub, WantedStaff("li", "李四", (Role.PICKER,), stores=(STORE, "nowhere")))
    assert members(hub) == {}


def test_a_badge_is_shown_once_and_replaces_the_last(hub: Hub) -> None:
    put(hub, ZHANG)
    with hub.transaction() as tx:
        first = staffing.new_badge(tx, "zhang", by="operator")
        second = staffing.new_badge(tx, "zhang", by="operator")
    assert first != second and isinstance(classify(first), BadgeCode)
    assert told(hub)["zhang"].badge == badge_digest(second)
    with hub.database.read() as connection:
        assert staff.by_badge(connection, CHAIN, first) is None
        found = staff.by_badge(connection, CHAIN, second)
        assert found is not None and found.staff_id == "zhang"
    kept = repr([hub.rows(table) for table in tables.metadata.sorted_tables])
    assert first not in kept and second not in kept


def test_who_is_removed_proves_nothing_and_keeps_the_name(hub: Hub) -> None:
    put(hub, ZHANG, WANG)
    add(hub, Shift("wang", START + HOUR, START + 2 * HOUR, STORE))
    with hub.transaction() as tx:
        code = staffing.new_badge(tx, "wang", by="operator")
        staffing.set_pin(tx, "wang", pins.hashed(PIN), by="operator")
        staffing.remove(tx, "wang", by="operator")
    assert set(told(hub)) == {"zhang"} and told(hub, OTHER_STORE) == {} and duties(hub) == []
    with hub.database.read() as connection:
        assert staff.by_badge(connection, CHAIN, code) is None
        with pytest.raises(UnknownStaff):
            staff.find(connection, CHAIN, "wang")
    row = hub.row(tables.staff, staff_id="wang")
    assert (row.name, row.pin, row.badge, row.active) == ("王药师", "", "", 0)
    put(hub, WANG)
    assert not members(hub)["wang"].pin and not members(hub)["wang"].badge, "who comes back gets a new badge and PIN"


def test_a_pin_changed_in_one_store_counts_in_all(hub: Hub) -> None:
    put(hub, WANG, ZHANG)
    kept = pins.hashed(PIN)
    assert hub.do(PinChanged("wang", kept)).state == "done"
    assert told(hub)["wang"].pin == told(hub, OTHER_STORE)["wang"].pin == kept


@pytest.mark.parametrize(
    "store,staff_id,pin",
    [
        (OTHER_STORE, "zhang", ""),
        (STORE, "nobody", ""),
        (STORE, "zhang", "x"),
        (STORE, "zhang", pins.hashed(PIN).replace("m=19456", "m=4194304")),
    ],
    ids=["works elsewhere", "nobody", "no hash", "asks for 4 GB"],
)
def test_a_pin_of_somebody_elses_is_not_changed(hub: Hub, store: str, staff_id: str, pin: str) -> None:
    put(hub, ZHANG)
    assert hub.do(PinChanged(staff_id, pin or pins.hashed(PIN)), store=store).state == "done"
    assert not members(hub)["zhang"].pin
    assert [row.subject for row in hub.rows(tables.audit) if row.action == "staff.pin_refused"] == [staff_id]


def test_duty_in_the_store_is_kept_and_audited(hub: Hub) -> None:
    hub.do(OnDutyChanged("wang", "王药师", True))
    hub.do(OnDutyChanged("wang", "王药师", False))
    with hub.database.read() as connection:
        (found,) = roster.presence(connection, CHAIN)
    assert (found.store, found.staff_id, found.name, found.present) == (STORE, "wang", "王药师", False)
    assert [row.action for row in hub.rows(tables.audit) if row.action.startswith("duty.")] == ["duty.on", "duty.off"]


def test_a_stores_duty_is_told_there_and_headquarters_everywhere(hub: Hub) -> None:
    put(hub, WANG)
    add(hub, Shift("wang", START + HOUR, START + 9 * HOUR, STORE, weeks=2))
    assert duties(hub) == [("wang", START + HOUR), ("wang", START + HOUR + 7 * DAY)]
    assert hub.told(RosterSet, store=OTHER_STORE) == []
    add(hub, Shift("wang", START + 10 * HOUR, START + 11 * HOUR))
    assert duties(hub, OTHER_STORE) == [("wang", START + 10 * HOUR)]
    with hub.database.read() as connection:
        assert roster.remote(connection, CHAIN, START + 10 * HOUR) == (
            OnDuty("wang", "王药师", START + 10 * HOUR, START + 11 * HOUR),
        )
        assert roster.remote(connection, CHAIN, START + 11 * HOUR) == ()
        assert len(roster.between(connection, CHAIN, START, START + DAY)) == 2


def test_a_duty_is_struck(hub: Hub) -> None:
    put(hub, WANG)
    add(hub, Shift("wang", START, START + HOUR, STORE))
    with hub.transaction() as tx:
        roster.remove(tx, Ended("wang", START, STORE), by="operator")
    assert duties(hub) == []
    with pytest.raises(BadRoster), hub.transaction() as tx:
        roster.remove(tx, Ended("wang", START, STORE), by="operator")


@pytest.mark.parametrize(
    "shift",
    [
        Shift("zhang", START, START + HOUR, STORE),
        Shift("wang", START, START, STORE),
        Shift("wang", START, START + 25 * HOUR, STORE),
        Shift("li", START, START + HOUR, OTHER_STORE),
        Shift("wang", START + 7 * DAY, START + 7 * DAY + 2 * HOUR, OTHER_STORE),
        Shift("wang", START + HOUR, START + 3 * HOUR, STORE, weeks=2),
    ],
    ids=["no pharmacist", "no time", "too long", "works elsewhere", "in two places", "twice at one place"],
)
def test_what_cannot_be_is_not_on_the_roster(hub: Hub, shift: Shift) -> None:
    put(hub, ZHANG, WANG, WantedStaff("li", "李药师", (Role.PHARMACIST,), stores=(STORE,)))
    add(hub, Shift("wang", START, START + 2 * HOUR, STORE, weeks=2))
    before = hub.rows(tables.roster)
    with pytest.raises(BadRoster):
        add(hub, shift)
    assert hub.rows(tables.roster) == before


def test_who_is_no_pharmacist_any_more_is_struck_from_the_roster(hub: Hub) -> None:
    put(hub, WANG)
    add(hub, Shift("wang", START + HOUR, START + 2 * HOUR, STORE))
    put(hub, WantedStaff("wang", "王药师", (Role.PHARMACIST,), stores=(STORE,)))
    assert duties(hub) == [("wang", START + HOUR)]
    put(hub, WantedStaff("wang", "王", (Role.PICKER,)))
    assert duties(hub) == []


def test_proving_at_headquarters(hub: Hub) -> None:
    put(hub, WANG, ZHANG)
    with hub.transaction() as tx:
        code = staffing.new_badge(tx, "wang", by="operator")
        staffing.set_pin(tx, "wang", pins.hashed(PIN), by="operator")

    async def all_of_it() -> None:
        writer = hub.writer()
        await writer.start()
        try:

            async def proven(proof: Proof, role: Role | None = None) -> Staff:
                return await prove(writer, CHAIN, proof, role, wrong_takes_s=0)

            for right in (Proof("wang", PIN), Proof(badge=code.lower())):
                assert (await proven(right, Role.PHARMACIST)).staff_id == "wang"
            with pytest.raises(NotPermitted):
                await proven(Proof("wang", PIN), Role.MANAGER)
            for wrong in (Proof("zhang", PIN), Proof(), Proof(badge="YB000000000000")):
                with pytest.raises(WrongProof):
                    await proven(wrong)
            for who in ("wang", "nobody"):
                for _ in range(5):
                    with pytest.raises(WrongProof):
                        await proven(Proof(who, "000000"))
                with pytest.raises(LockedOut):
                    await proven(Proof(who, PIN))
            hub.now += LOCKED
            assert (await proven(Proof("wang", PIN))).staff_id == "wang"
        finally:
            await writer.stop()

    asyncio.run(all_of_it())
