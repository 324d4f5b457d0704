"""Every event and operation is told in docs/protocol.md, has an effect in the store, and is taken by the hub."""

import inspect
from pathlib import Path

from agent import apply
from cloud import operations as taken
from domain import events, operations

TEXT = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_every_kind_is_told() -> None:
    assert [kind for kind in (*events.BODIES, *operations.BODIES) if f"`{kind}`" not in TEXT] == []


def test_every_event_has_an_effect_in_the_store() -> None:
    assert set(events.BODIES.values()) == set(apply._EFFECTS)


def test_every_operation_has_a_rule_at_the_hub() -> None:
    """Facts where facts are taken, requests where they may be refused: a kind without a case would stop an outbox."""
    rules = {True: inspect.getsource(taken._fact), False: inspect.getsource(taken._request)}
    without = [body for body in operations.BODIES.values() if f"case {body.__name__}():" not in rules[body.fact]]
    assert without == []
