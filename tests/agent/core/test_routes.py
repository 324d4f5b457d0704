"""Who takes which slip: every rule by hand, and what must hold of all of them by chance."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from agent.config import PrinterSettings
from agent.printing.claims import LASTS_S, Claims
from agent.printing.routes import NO_PRINTER, PAUSED, Out, Place, Route, Routes
from agent.printing.standing import BACKUP_AFTER_S, BUSY_BACKUP_AFTER_S, Standing
from domain.slips import SlipKind
from drivers.printers.status import Blocked

PICKING, CUSTOMER = SlipKind.PICKING, SlipKind.CUSTOMER
NOW = 100.0
LONG, SHORT = Out("paper_out", NOW - 1), Out("paper_out", NOW + 3)


def route(*places: Place, kind: SlipKind = PICKING, pinned: str = "") -> Route:
    return Routes(places, NOW).of(kind, pinned)


def test_printers_of_the_kind_share_it() -> None:
    found = route(Place("counter"), Place("till", frozenset({CUSTOMER})), Place("back"))
    assert found == Route(("counter", "back"), ("counter", "back"))


def test_one_that_is_out_leaves_it_to_the_other() -> None:
    assert route(Place("counter", out=LONG, backup="till"), Place("back"), Place("till", frozenset({CUSTOMER}))) == (
        Route(("counter", "back"), ("back",))
    )


def test_the_backup_waits_a_while() -> None:
    till = Place("till", frozenset({CUSTOMER}))
    waiting = route(Place("counter", backup="till", out=SHORT), till)
    assert waiting == Route(("counter",), (), "paper_out", SHORT.backup_at)
    assert route(Place("counter", backup="till", out=LONG), till).takers == ("till",)


def test_the_backup_of_a_backup_comes_last_and_a_circle_ends() -> None:
    counter = Place("counter", frozenset({PICKING}), backup="till", out=LONG)
    till = Place("till", frozenset({CUSTOMER}), backup="back", out=LONG)
    back = Place("back", frozenset({CUSTOMER}), backup="counter")
    assert route(counter, till, back).takers == ("back",)
    nobody = route(counter, till, Place("back", frozenset({CUSTOMER}), backup="counter", out=LONG))
    assert nobody == Route(("counter",), (), "paper_out")


def test_a_pinned_slip_never_moves() -> None:
    counter, till = Place("counter", backup="till", out=LONG), Place("till")
    assert route(counter, till, pinned="counter") == Route(("counter",), (), "paper_out")
    assert route(counter, till, pinned="till").takers == ("till",)
    assert route(counter, till, pinned="sold") == Route((), (), NO_PRINTER)


def test_a_trouble_is_named_before_a_pause() -> None:
    assert route(Place("a", out=Out(PAUSED, NOW - 1)), Place("b", out=LONG)).cause == "paper_out"
    assert route(Place("a", out=Out(PAUSED, NOW - 1))).cause == PAUSED


NAMES = ("a", "b", "c", "d")
outs = st.none() | st.builds(Out, st.sampled_from(["paper_out", PAUSED]), st.sampled_from([NOW - 1, NOW + 3]))
places = st.lists(
    st.builds(
        Place,
        st.sampled_from(NAMES),
        st.sets(st.sampled_from([PICKING, CUSTOMER])).map(frozenset),
        st.none() | st.sampled_from(NAMES),
        outs,
    ),
    unique_by=lambda place: place.name,
)


@given(places, st.sampled_from([PICKING, CUSTOMER]), st.sampled_from(["", *NAMES]))
def test_whatever_ails_whom(printers: list[Place], kind: SlipKind, pinned: str) -> None:
    found = Routes(printers, NOW).of(kind, pinned)
    known = {place.name: place for place in printers}
    owners = [known[name] for name in found.owners]
    assert all(known[name].out is None for name in found.takers), "nobody who is out takes anything"
    assert (not found.takers) == bool(found.cause), "a slip waits for a reason or for nothing"
    if pinned:
        assert {*found.owners, *found.takers} <= {pinned}
    well = [owner.name for owner in owners if owner.out is None]
    if well:
        assert found.takers == tuple(well), "a backup takes nothing from a printer that is well"
    elif any(owner.out is not None and owner.out.backup_at > NOW for owner in owners):
        assert not found.takers
    if found.changes_at is not None:
        assert found.changes_at > NOW and not found.takers


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def standing_of(clock: Seconds, *names: str) -> tuple[Standing, list[str]]:
    standing, woken = Standing(clock), list[str]()
    for name in names:
        standing.join(PrinterSettings(name, f"tcp://127.0.0.1:{len(name)}"), partial(woken.append, name))
    woken.clear()
    return standing, woken


def backup_at(standing: Standing, name: str) -> float:
    (out,) = [place.out for place in standing.places() if place.name == name]
    assert out is not None
    return out.backup_at


def test_a_trouble_that_changes_its_name_goes_on() -> None:
    clock = Seconds()
    standing, woken = standing_of(clock, "counter", "till")
    standing.out("counter", Blocked.paper_out)
    assert woken == ["counter", "till"]
    clock.now = 3
    standing.out("counter", Blocked.busy)
    assert backup_at(standing, "counter") == BACKUP_AFTER_S, "an open cover makes many fall silent"
    woken.clear()
    standing.out("counter", Blocked.busy)
    assert woken == [], "no news wakes nobody"
    standing.well("counter")
    standing.out("counter", Blocked.busy)
    assert backup_at(standing, "counter") == 3 + BUSY_BACKUP_AFTER_S


def test_who_took_long_to_be_found_dead_was_dead_before() -> None:
    clock = Seconds()
    standing, _ = standing_of(clock, "counter")
    clock.now = 10
    standing.out("counter", Blocked.unreachable, since=7)
    assert backup_at(standing, "counter") == 7 + BACKUP_AFTER_S


def test_a_pause_counts_as_being_out() -> None:
    clock = Seconds()
    standing, _ = standing_of(clock, "counter")
    standing.pause("counter", True)
    assert standing.routes().of(PICKING).cause == PAUSED
    standing.well("counter")
    assert standing.routes().of(PICKING).cause == PAUSED, "it may be as well as it likes"
    standing.pause("counter", False)
    assert standing.routes().of(PICKING).takers == ("counter",)


def test_who_left_is_asked_no_more() -> None:
    standing, woken = standing_of(Seconds(), "counter", "till")
    standing.leave("counter")
    standing.out("counter", Blocked.offline)
    assert standing.routes().of(PICKING).takers == ("till",)
    assert woken == ["till"]


def test_a_claim_is_for_one_and_for_a_moment() -> None:
    clock = Seconds()
    claims = Claims(clock)
    assert claims.take("slip", "counter") == 0
    assert claims.take("slip", "counter") == 0
    clock.now = LASTS_S / 2
    assert 0 < claims.take("slip", "till") <= LASTS_S
    claims.release("slip", "till")
    assert claims.take("slip", "till") > 0, "only who has it gives it back"
    clock.now = 2 * LASTS_S
    assert claims.take("slip", "till") == 0, "whoever has it may be dead"
    claims.release("slip", "till")
    assert claims.take("slip", "counter") == 0
