"""Whatever is killed between two steps of the folder is finished by the next look."""

import json

import pytest

from agent.erp import documents, files_taken
from agent.erp.store_books import StoreBooks, StoreDisk
from domain.erp import DocumentState
from erp.folder import handing, taking
from tests.agent.erp.conftest import HEAD, Share
from tests.agent.erp.killing import Killed, all_sales, dying

STEPS: list[tuple[object, str]] = [
    (taking.Taking, "_take"),
    (taking.Taking, "_taken"),
    (taking.Taking, "_away"),
    (taking, "move"),
    (files_taken, "put"),
    (StoreBooks, "take"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(
    share: Share, monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: bool
) -> None:
    rows = "".join(f"P{number},{number},AMX,0.05,\n" for number in range(120))
    share.lay("sales.csv", HEAD + rows)
    with monkeypatch.context() as killing:
        killing.setattr(where, name, dying(getattr(where, name), after=after))
        with pytest.raises(Killed):
            share.look()
    share.start()
    share.look()
    assert len(share.erp.counter.work.read(all_sales)) == 120
    assert share.erp.on_hand == 4
    assert (share.names("in"), share.names("done")) == ([], ["sales.csv"])


OUT_STEPS: list[tuple[object, str]] = [
    (documents, "delivered"),
    (handing, "move"),
    (StoreDisk, "write"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "name"), OUT_STEPS, ids=[name for _, name in OUT_STEPS])
def test_killed_while_handing_over_each_document_appears_once(
    share: Share, monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: bool
) -> None:
    """The ERP fetches whatever lies there, at every moment: it must see each document once."""
    share.start("json", "removal")
    share.look(1)
    share.sell(3)
    fetched: list[int] = []

    def fetch() -> None:
        for path in sorted((share.root / "out").glob("*.json")):
            fetched.append(json.loads(path.read_text("utf-8"))["number"])
            path.unlink()

    with monkeypatch.context() as killing:
        killing.setattr(where, name, dying(getattr(where, name), after=after))
        with pytest.raises(Killed):
            share.look()
    for _ in range(3):
        fetch()
        share.start()
        share.look(1)
    assert fetched == share.erp.numbers
    assert share.states == [DocumentState.ACKNOWLEDGED] * 3
