"""The fleet, put together from tables and what was seen; on SQLite and PostgreSQL."""

import time
from collections.abc import Iterator

import msgspec
import pytest

from cloud import agents, chain, eventlog, tables
from cloud.codes import lists
from cloud.errors import NotForThisAgent, UnknownStore
from cloud.fleet import diagnosing, listing, reading, sightings
from cloud.fleet.close_up import CloseUp, close_up
from cloud.fleet.listing import PAGE, Wanted, listed
from cloud.fleet.members import Lag, Member, Standing
from cloud.fleet.troubles import Kind, Level
from cloud.heads import Heads
from cloud.hints import Hints
from cloud.pages.rendering import render
from cloud.pages.words import Words
from cloud.presence import Attendance
from domain.code_lists import CodeList, ListedCode
from domain.events import CATALOGUE, CODES, DiagnosisWanted, decode_body, store_log
from domain.orders import AcceptRule
from domain.protocol import Cursor, FindingReport, Head, JobReport, PrinterReport, Report
from domain.times import HOUR, MINUTE, Millis
from tests.cloud.hub import CHAIN, OTHER_STORE, START, STORE, Hub


class Watched:
    """A hub's core with what its shell saw of the agents."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.attendance, self.heads = hub, Attendance(), Heads(Hints())
        self.watching_since = START - HOUR

    def pair(self, store: str) -> None:
        with self.hub.transaction() as tx:
            tx.connection.execute(
                tables.agents.insert().values(
                    chain=CHAIN, device=f"device-{store}", store=store, public_key=b"k", hostname="pc", version="1",
                    paired_at=tx.now,
                )
            )  # fmt: skip

    def report(self, store: str, at: Millis, **more: object) -> None:
        head = self.head(store_log(store))
        cursor = Cursor(head.log, head.log_id, head.seq)
        said = Report(f"device-{store}", "boot", "1.0", at, (cursor,), 0, None)
        said = msgspec.structs.replace(said, **more)
        self.attendance.reported(store, said, msgspec.json.encode(said), at)

    def head(self, log: str) -> Head:
        with self.hub.database.read() as connection:
            self.heads.learn(eventlog.all_heads(connection, CHAIN))
        (head,) = self.heads.of([log])
        return head

    def seen(self, now: Millis) -> sightings.Sightings:
        return sightings.take(self.attendance, self.heads, now, self.watching_since)

    def fleet(self, now: Millis) -> dict[str, Member]:
        with self.hub.database.read() as connection:
            return {member.store: member for member in reading.fleet(connection, CHAIN, self.seen(now))}


@pytest.fixture
def watched(hub: Hub) -> Watched:
    return Watched(hub)


def kinds(member: Member) -> list[Kind]:
    return [trouble.kind for trouble in member.troubles]


def test_a_store_without_an_agent_is_known_and_calm(watched: Watched) -> None:
    member = watched.fleet(START)[STORE]
    assert (member.standing, member.level, kinds(member)) == (Standing.UNPAIRED, Level.ABSENT, [Kind.UNPAIRED])


def test_here_dark_frozen_and_revoked(watched: Watched) -> None:
    hub, now = watched.hub, START + HOUR
    watched.pair(STORE)
    watched.report(STORE, now)
    watched.attendance.spoke(STORE, "device", now)
    assert watched.fleet(now)[STORE].standing is Standing.ONLINE

    later = watched.fleet(now + MINUTE)[STORE]
    assert (later.standing, later.since, kinds(later)) == (Standing.DARK, now, [])
    assert kinds(watched.fleet(now + 3 * MINUTE)[STORE]) == [Kind.DARK]

    watched.watching_since = now + 2 * MINUTE  # nobody was heard before, for the hub itself was away
    assert kinds(watched.fleet(now + 3 * MINUTE)[STORE]) == []

    with hub.transaction() as tx:
        tx.connection.execute(tables.agents.update().values(frozen_at=tx.now, frozen_why="two boots"))
    frozen = watched.fleet(now)[STORE]
    assert (frozen.standing, frozen.why, kinds(frozen)) == (Standing.FROZEN, "two boots", [Kind.FROZEN])

    with hub.transaction() as tx:
        agents.revoke(tx, STORE, "stolen")
    revoked = watched.fleet(now)[STORE]
    assert (revoked.standing, revoked.why, kinds(revoked)) == (Standing.REVOKED, "stolen", [Kind.REVOKED])


def test_how_far_behind_and_since_when(watched: Watched) -> None:
    hub = watched.hub
    watched.pair(STORE)
    watched.head(store_log(STORE))
    before = watched.head(store_log(STORE)).seq
    hub.place(1, ("sku1", 1))
    hub.place(2, ("sku1", 1))
    head, now = watched.head(store_log(STORE)), hub.now
    with hub.database.read() as connection:
        page = eventlog.page(connection, CHAIN, hub.vault, Cursor(head.log, head.log_id, before), 1)
    lost = Cursor(CATALOGUE, "another life", 1)
    behind = Cursor(head.log, head.log_id, before)
    watched.report(STORE, now, cursors=(behind, lost))
    watched.attendance.spoke(STORE, "device", now)
    (own, anew) = watched.fleet(now)[STORE].lags
    assert own == Lag(head.log, head.seq - before, page.events[0].at)
    assert anew == Lag(CATALOGUE, watched.head(CATALOGUE).seq, None)
    assert kinds(watched.fleet(now)[STORE]) == []

    def follow(at: Millis) -> None:
        watched.attendance.of(STORE).enter("device", at)

    follow(now)
    assert kinds(watched.fleet(now + 7 * MINUTE)[STORE]) == [Kind.BEHIND]


def test_a_pack_sold_elsewhere_is_no_lag_before_the_next_report(watched: Watched) -> None:
    """On an open stream an agent tells every five minutes how far it has come in the chain's logs."""
    hub, now = watched.hub, watched.hub.now
    watched.pair(STORE)
    before = watched.head(CODES)
    watched.report(STORE, now, cursors=(Cursor(CODES, before.log_id, before.seq),))
    watched.attendance.of(STORE).enter("device", now)
    with hub.transaction() as tx:
        lists.hold_log(tx)
        lists.put(tx, CodeList.SOLD, [ListedCode("81234560000000000001", OTHER_STORE, now)])
    watched.head(CODES)
    waiting = watched.fleet(now + 6 * MINUTE)[STORE]
    assert ([lag.behind for lag in waiting.lags], kinds(waiting)) == ([1], [])
    late = watched.fleet(now + 11 * MINUTE)[STORE]
    assert [(trouble.kind, trouble.since) for trouble in late.troubles] == [(Kind.BEHIND, waiting.lags[0].since)]


def test_a_wish_is_one_event_until_it_is_heard(watched: Watched) -> None:
    hub = watched.hub
    with hub.transaction() as tx, pytest.raises(NotForThisAgent):
        diagnosing.ask(tx, STORE, 0, by="t")
    with hub.transaction() as tx, pytest.raises(UnknownStore):
        diagnosing.ask(tx, "nowhere", 0, by="t")
    watched.pair(STORE)
    for applied in (0, 0, watched.head(store_log(STORE)).seq):
        with hub.transaction() as tx:
            diagnosing.ask(tx, STORE, applied, by="t")
    wishes = [event for event in hub.events(STORE) if event.kind == DiagnosisWanted.kind]
    assert [decode_body(event) for event in wishes] == [DiagnosisWanted()]

    watched.report(STORE, hub.now, diagnosed_at=1)
    waiting = look(watched, STORE)
    assert waiting.asked is not None and waiting.heard
    watched.report(STORE, hub.now, diagnosed_at=hub.now)
    assert look(watched, STORE).asked is None
    with hub.transaction() as tx:
        diagnosing.ask(tx, STORE, wishes[0].seq, by="t")
    assert [event.kind for event in hub.events(STORE)].count(DiagnosisWanted.kind) == 2


def look(watched: Watched, store: str) -> CloseUp:
    with watched.hub.database.read() as connection:
        return close_up(connection, CHAIN, watched.seen(watched.hub.now), (), store)


def test_an_old_program_is_not_asked_for_what_it_does_not_know(watched: Watched) -> None:
    watched.pair(STORE)
    with watched.hub.transaction() as tx:
        tx.connection.execute(tables.agents.update().values(accepts='{"order.placed":1}'))
    with watched.hub.transaction() as tx, pytest.raises(NotForThisAgent):
        diagnosing.ask(tx, STORE, 0, by="t")


FINDINGS = tuple(
    FindingReport(f"check.{n}", "look", "请留意这一项" * 4, "look at it " * 5, "去做" * 9) for n in range(4)
)
JOBS = tuple(JobReport(f"job{n}", START, START, "ok", "", START) for n in range(9))


def reports(count: int) -> Iterator[tuple[str, Report]]:
    printers = tuple(PrinterReport(f"打印机{n}", f"tcp://192.168.1.{n}:9100", "ready", model="GP-80") for n in range(3))
    for number in range(count):
        store = f"f{number:04}"
        yield store, Report(
            f"device-{store}", "boot", f"1.{number % 3}", START, (Cursor(store_log(store), "x", 5),), number % 7,
            START if number % 7 else None, printers=printers, jobs=JOBS, findings=FINDINGS, disk_free=9 << 30,
            clock_offset=40_000 if number % 50 == 0 else 5, diagnosed_at=START,
        )  # fmt: skip


def test_two_thousand_stores(watched: Watched) -> None:
    """All dark and all behind: the most that is to be looked up. The time is printed (of this process), not judged."""
    hub, count = watched.hub, 2000
    with hub.transaction() as tx:
        for number in range(count):
            chain.put_store(tx, f"f{number:04}", f"连锁第{number}店", accept=AcceptRule.HUB)
    for store, report in reports(count):
        watched.attendance.reported(store, report, msgspec.json.encode(report), START)
    watched.head(CATALOGUE)
    began, now = time.process_time(), START + HOUR
    with hub.database.read() as connection:
        members = reading.fleet(connection, CHAIN, watched.seen(now))
    shown = listed(members, Wanted(), now)
    read = time.process_time()
    page = render(
        "fleet.html", Words("zh"), name="康宁", now=now, here="fleet", fleet=shown, wanted=Wanted(), dark_for=(5,),
        waiting={"exceptions": 0, "pushes": 0, "prescriptions": 0, "set_aside": 0, "erp": 0},
    )  # fmt: skip
    drawn = time.process_time()
    print(
        f"read {(read - began) * 1000:.0f} ms, drawn {(drawn - read) * 1000:.0f} ms, {len(page.encode()) / 1000:.0f} kB"
    )
    assert (shown.counts.stores, len(shown.members), shown.next) == (count + 2, PAGE, PAGE)
    assert len(page.encode()) < 400_000
    seen: list[str] = []
    start: int | None = 0
    while start is not None:
        part = listed(members, Wanted(start=start), now)
        seen += [member.store for member in part.members]
        start = part.next
    assert sorted(seen) == sorted([*(store for store, _ in reports(count)), STORE, OTHER_STORE])


def test_who_needs_somebody_most_stands_first_and_filters_hold(watched: Watched) -> None:
    now = START + HOUR
    all_of: tuple[tuple[str, dict[str, object]], ...] = (
        ("一店", {}),
        ("二店", {"clock_offset": 60_000}),
        ("三店", {"stopped": ("catalogue",), "quarantined": 1}),
    )
    for number, (name, more) in enumerate(all_of):
        store = f"f{number}"
        with watched.hub.transaction() as tx:
            chain.put_store(tx, store, name, accept=AcceptRule.HUB)
        watched.pair(store)
        watched.report(store, now, version=f"1.{number}", **more)
        watched.attendance.spoke(store, "device", now)
    members = list(watched.fleet(now).values())

    def stores(**wanted: object) -> list[str]:
        return [member.store for member in listed(members, msgspec.convert(wanted, Wanted), now).members]

    assert stores() == ["f2", "f1", "s1", "s2", "f0"]
    assert stores(trouble=True) == ["f2", "f1"]
    assert stores(version="1.1") == ["f1"]
    assert stores(text="三") == stores(text="F2") == ["f2"]
    assert stores(dark=0) == []
    counted = listing.counts(members)
    assert (counted.trouble, counted.standing[Standing.ONLINE], counted.standing[Standing.UNPAIRED]) == (2, 3, 2)
    quiet = list(watched.fleet(now + 2 * HOUR).values())
    dark = listed(quiet, Wanted(dark=60), now + 2 * HOUR)
    assert {member.store for member in dark.members} == {"f0", "f1", "f2"}
    assert listed(quiet, Wanted(dark=180), now + 2 * HOUR).members == ()
