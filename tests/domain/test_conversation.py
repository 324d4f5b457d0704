"""Events and operations as they travel."""

import msgspec
import pytest

from domain import events, operations
from domain.protocol import Cursor


def test_every_kind_is_named_once_and_decodes_to_its_class() -> None:
    assert len(events.BODIES) == len(events.EventBody.__subclasses__())
    assert len(operations.BODIES) == len(operations.OperationBody.__subclasses__())


def test_an_event_travels_whole() -> None:
    body = events.OrderUrged("o1", 5)
    event = events.Event("store:S", 1, body.kind, 1, 9, msgspec.Raw(events.encode_body(body)), "o1")
    arrived = msgspec.json.decode(msgspec.json.encode(event), type=events.Event)
    assert events.decode_body(arrived) == body


@pytest.mark.parametrize(("kind", "version"), [("order.teleported", 1), ("order.urged", 2)])
def test_a_kind_from_the_future_is_told_apart_from_a_broken_one(kind: str, version: int) -> None:
    event = events.Event("store:S", 1, kind, version, 9, msgspec.Raw(b"{}"))
    with pytest.raises(events.UnknownKind):
        events.decode_body(event)


def test_fields_added_by_a_newer_hub_are_passed_over() -> None:
    event = events.Event("s", 1, "order.urged", 1, 9, msgspec.Raw(b'{"order_id":"o1","urged_at":5,"louder":true}'))
    assert events.decode_body(event) == events.OrderUrged("o1", 5)


def test_a_broken_body_is_an_error_of_its_own() -> None:
    with pytest.raises(msgspec.MsgspecError):
        events.decode_body(events.Event("s", 1, "order.urged", 1, 9, msgspec.Raw(b'{"order_id":7}')))


@pytest.mark.parametrize("cursor", [Cursor("store:S1", "ab12", 7), Cursor("catalogue", "", 0)])
def test_a_cursor_survives_a_query(cursor: Cursor) -> None:
    assert Cursor.parse(cursor.text()) == cursor


@pytest.mark.parametrize("text", ["", "store:S1", "store:S1@x", "store:S1@x:-1", "@x:1", "a@b:١"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        Cursor.parse(text)
