"""Programs of different ages: what one writes, the other reads, or keeps as it came."""

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import casting, events, operations
from domain.casting import Body, Casts
from domain.events import Event, UnknownKind, decode_body, lowered
from domain.operations import Operation, UnknownOperation

KIND = "shelf.named"
NOW = 1_795_233_600_000


FIELDS: list[tuple[str, type] | tuple[str, type, str]] = [("rows", tuple[str, ...]), ("place", str), ("note", str, "")]
"""Of its third version. The first had one `place` ("A-03"), the second `row` and `place`, this one a list of rows."""


def second_from_first(body: Body) -> Body:
    row, _, place = str(body["place"]).partition("-")
    return {**body, "row": row, "place": place}


def first_from_second(body: Body) -> Body:
    rest = {name: value for name, value in body.items() if name != "row"}
    return {**rest, "place": f"{body['row']}-{body['place']}"}


def third_from_second(body: Body) -> Body:
    rest = {name: value for name, value in body.items() if name != "row"}
    return {**rest, "rows": [body["row"]]}


def second_from_third(body: Body) -> Body:
    rows = body["rows"]
    assert isinstance(rows, list)
    rest = {name: value for name, value in body.items() if name != "rows"}
    return {**rest, "row": rows[0]}


def casts() -> Casts:
    made = Casts()
    made.add(KIND, 2, up=second_from_first, down=first_from_second)
    made.add(KIND, 3, up=third_from_second, down=second_from_third)
    return made


@pytest.fixture
def shelf_named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kind of event and a kind of operation that went through three versions."""
    said = {"kind": KIND, "version": 3}
    event = msgspec.defstruct("Event", FIELDS, bases=(events.EventBody,), namespace=said, frozen=True)
    operation = msgspec.defstruct("Asked", FIELDS, bases=(operations.OperationBody,), namespace=said, frozen=True)
    monkeypatch.setitem(events.BODIES, KIND, event)
    monkeypatch.setitem(events._decoders, KIND, msgspec.json.Decoder(event))
    monkeypatch.setitem(operations.BODIES, KIND, operation)
    monkeypatch.setitem(operations._decoders, KIND, msgspec.json.Decoder(operation))
    monkeypatch.setattr(casting, "EVENTS", casts())
    monkeypatch.setattr(casting, "OPERATIONS", casts())
    yield


def event(v: int, body: object) -> Event:
    return Event("store:s1", 1, KIND, v, NOW, msgspec.Raw(msgspec.json.encode(body)))


def content(event: Event) -> object:
    return msgspec.json.decode(event.body)


WORD = st.text(st.characters(codec="utf-8", exclude_characters="-"), max_size=5)
THIRD = st.builds(
    lambda row, place, note: {"rows": [row], "place": place, "note": note}, WORD, WORD, st.text(max_size=5)
)


@given(THIRD, st.integers(1, 3))
def test_down_and_up_again_says_the_same(body: Body, v: int) -> None:
    """As far as the older version can say it."""
    raw = msgspec.Raw(msgspec.json.encode(body))
    older = casts().cast(KIND, 3, raw, v)
    assert older is not None
    back = casts().cast(KIND, v, older, 3)
    assert back is not None and msgspec.json.decode(back) == body


@given(v=st.integers(-(2**62), 2**62), wanted=st.integers(-(2**62), 2**62), kind=st.sampled_from([KIND, "other"]))
def test_where_no_way_leads_there_is_none_and_it_is_known_at_once(v: int, wanted: int, kind: str) -> None:
    body = msgspec.Raw(b'{"rows":["A"],"row":"A","place":"A-3"}')
    cast = casts().cast(kind, v, body, wanted)
    within = kind == KIND and {v, wanted} <= {1, 2, 3}
    assert (cast is not None) == (v == wanted or within)


def test_the_hub_writes_down_for_an_older_agent(shelf_named: None) -> None:
    newest = event(3, {"rows": ["A", "B"], "place": "03", "note": "x"})
    assert (
        lowered(newest, {}) is newest and lowered(newest, {KIND: 3}) is newest and lowered(newest, {KIND: 9}) is newest
    )
    assert content(lowered(newest, {KIND: 2})) == {"row": "A", "place": "03", "note": "x"}
    oldest = lowered(newest, {KIND: 1})
    assert (oldest.v, content(oldest)) == (1, {"place": "A-03", "note": "x"})
    assert lowered(newest, {"order.placed": 1}) is newest, (
        "who does not know the kind gets it as it is, and sets it aside"
    )


def test_what_cannot_be_written_down_goes_as_it_is(shelf_named: None) -> None:
    strange: list[object] = [[], {"place": "03"}, {"rows": 7, "place": "03"}, "text"]
    for body in strange:
        assert lowered(event(3, body), {KIND: 1}) == event(3, body)


@pytest.mark.parametrize("v", [1, 2, 3])
def test_what_an_older_program_wrote_is_read_as_ours(shelf_named: None, v: int) -> None:
    written = lowered(event(3, {"rows": ["A"], "place": "03"}), {KIND: v})
    assert msgspec.to_builtins(decode_body(written)) == {"rows": ("A",), "place": "03", "note": ""}
    asked = Operation("k", 1, KIND, v, NOW, written.body)
    assert msgspec.to_builtins(operations.decode_body(asked)) == {"rows": ("A",), "place": "03", "note": ""}


@pytest.mark.parametrize("v", [-1, 0, 4, 10**15])
def test_a_version_nobody_can_read_is_unknown(shelf_named: None, v: int) -> None:
    with pytest.raises(UnknownKind):
        decode_body(event(v, {}))
    with pytest.raises(UnknownOperation):
        operations.decode_body(Operation("k", 1, KIND, v, NOW, msgspec.Raw(b"{}")))


def test_a_body_that_is_not_what_it_says_is_no_accident_of_the_program(shelf_named: None) -> None:
    with pytest.raises(msgspec.ValidationError, match="not what it says"):
        operations.decode_body(Operation("k", 1, KIND, 2, NOW, msgspec.Raw(b'{"place":"03"}')))


def test_every_version_that_was_shipped_can_be_cast() -> None:
    """Two minor versions back is what the hub promises; nothing older needs a way."""
    for bodies, known in ((events.BODIES, casting.EVENTS), (operations.BODIES, casting.OPERATIONS)):
        for kind, body in bodies.items():
            newer = range(max(2, body.version - 1), body.version + 1)
            assert [v for v in newer if not known.knows(kind, v)] == [], kind
