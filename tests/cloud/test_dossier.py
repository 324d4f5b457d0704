"""The audit file of one order: everything an inspector asks, no person but for who may see, no byte unguarded."""

import base64
import subprocess
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cloud import audit, dossier, erasing, sealed_file, verifying
from cloud.dossier import Asked, Files, NoReason
from cloud.errors import UnknownOrder
from cloud.sealed_file import NotWhole, open_json, open_pdf
from domain.dossier import Dossier, flaws
from domain.operations import PickCompleted, SlipChanged, TrailGrown
from domain.picks import Binding
from domain.slips import Evidence, SlipKind, SlipState, SlipStep
from tests.cloud.hub import Hub
from tests.cloud.test_trails import chained

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = sealed_file.fingerprint(SIGNER.public_key().public_bytes_raw())
CODE = "81012350000000157474"


@pytest.fixture
def order_id(hub: Hub) -> str:
    """Picked, printed, told."""
    made = hub.place(1, ("sku1", 1))
    hub.do(TrailGrown(made, chained(made, 4)))
    hub.do(PickCompleted(made, (Binding(1, CODE, 1_000, lot="240315A"),)))
    steps = (SlipStep(SlipState.ACCEPTED, 1), SlipStep(SlipState.PRINTED, 2, printer="前台"))
    hub.do(
        SlipChanged(made, "s1", SlipKind.PICKING, SlipState.PRINTED, Evidence.ID_RETURNED, printer="前台", steps=steps)
    )
    return made


def taken(hub: Hub, order_id: str, *, persons: bool = False) -> Dossier:
    with hub.transaction() as tx:
        return dossier.take(tx, order_id, Asked("药监检查", persons), SIGNER, by="operator")


def made(hub: Hub, order_id: str, *, persons: bool = False) -> Files:
    return dossier.files(taken(hub, order_id, persons=persons), SIGNER)


def test_it_tells_the_whole_way_and_agrees_with_itself(hub: Hub, order_id: str) -> None:
    told = taken(hub, order_id)
    assert flaws(told) == []
    assert [step.seq for step in told.steps] == [1, 2, 3, 4]
    assert [(pack.binding.code, pack.binding.lot) for pack in told.packs] == [(CODE, "240315A")]
    assert [(slip.kind, slip.evidence, len(slip.steps)) for slip in told.slips] == [("picking", "A", 2)]
    assert {"order.placed", "trail.grown", "pick.completed"} <= {line.action for line in told.audit}
    assert [(call.kind) for call in told.told] != []


def test_it_holds_no_person_unless_the_reader_may_see_them(hub: Hub, order_id: str) -> None:
    without, with_them = taken(hub, order_id), taken(hub, order_id, persons=True)
    plain = base64.b64decode(next(one.value for one in with_them.opened if one.name == "recipient"))
    name = msgspec.json.decode(plain)["name"]
    assert name
    assert name.encode() not in msgspec.json.encode(without)
    assert without.opened == ()
    assert [one.name for one in without.persons] == ["recipient"]
    assert without.persons == with_them.persons
    assert flaws(with_them) == []


def test_a_person_put_in_place_of_another_is_found(hub: Hub, order_id: str) -> None:
    told = taken(hub, order_id, persons=True)
    other = msgspec.structs.replace(told.opened[0], value=base64.b64encode(b'{"name":"other"}').decode())
    assert flaws(msgspec.structs.replace(told, opened=(other, *told.opened[1:]))) == [
        "recipient is not what was committed to"
    ]


def test_an_erased_person_leaves_a_mark_and_nothing_else(hub: Hub, order_id: str) -> None:
    with hub.transaction() as tx:
        erasing.erase(tx, order_id, by="operator")
    told = taken(hub, order_id, persons=True)
    assert [(one.name, one.erased) for one in told.persons] == [("", True)]
    assert told.opened == ()


def test_taking_it_is_itself_audited_with_the_reason(hub: Hub, order_id: str) -> None:
    taken(hub, order_id)
    assert [
        line.detail.partition(": ")[2] for line in taken(hub, order_id).audit if line.action == "dossier.taken"
    ] == ["药监检查"]


def test_without_a_reason_or_an_order_there_is_none(hub: Hub, order_id: str) -> None:
    with pytest.raises(NoReason), hub.transaction() as tx:
        dossier.take(tx, order_id, Asked(" "), SIGNER, by="operator")
    with pytest.raises(UnknownOrder), hub.transaction() as tx:
        dossier.take(tx, "nobody", Asked("x"), SIGNER, by="operator")


def test_every_changed_byte_of_the_json_is_found(hub: Hub, order_id: str) -> None:
    content = made(hub, order_id).json
    assert open_json(content)[1].fingerprint == KEY
    for at in range(len(content)):
        for changed in (content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], content[:at] + content[at + 1 :]):
            with pytest.raises(NotWhole):
                open_json(changed)


def test_a_changed_byte_of_the_pdf_is_found_wherever_it_is(hub: Hub, order_id: str) -> None:
    content = made(hub, order_id).pdf
    assert open_pdf(content)[1].fingerprint == KEY
    ends = set(range(len(content) - 600, len(content))) | set(range(0, len(content), 997))
    for at in ends:
        for changed in (content[:at] + bytes([content[at] ^ 32]) + content[at + 1 :], content[:at] + content[at + 1 :]):
            with pytest.raises(NotWhole):
                open_pdf(changed)


@given(data=st.data())
def test_what_is_put_in_is_found(data: st.DataObject) -> None:
    content = sealed_file.seal_json(b'{"a":"x","b":[1,2]}', SIGNER)
    at = data.draw(st.integers(0, len(content)))
    more = data.draw(st.binary(min_size=1, max_size=8))
    with pytest.raises(NotWhole):
        open_json(content[:at] + more + content[at:])


def test_the_seal_of_one_kind_means_nothing_under_the_other() -> None:
    body = b"{}"
    as_json, as_pdf = sealed_file.seal_json(body, SIGNER), sealed_file.seal_pdf(b"%PDF-1", body, SIGNER)
    with pytest.raises(NotWhole):
        open_pdf(as_json)
    with pytest.raises(NotWhole):
        open_json(as_pdf)


def test_a_seal_that_guards_nothing_is_caught_by_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without looking at the signature a change of the body passes."""
    monkeypatch.setattr(sealed_file, "_verify", lambda seal, signed: None)
    content = sealed_file.seal_json(b'{"a":"x"}', SIGNER)
    assert open_json(content.replace(b'"x"', b'"y"'))[0] == b'{"a":"y"}'


def test_a_change_before_the_seal_was_made_is_found_by_the_chains(hub: Hub, order_id: str) -> None:
    """Somebody with the key still cannot make the store's own chain fit."""
    told = taken(hub, order_id)
    other = msgspec.structs.replace(told.steps[1], staff_id="S9")
    forged = msgspec.structs.replace(told, steps=(told.steps[0], other, *told.steps[2:]))
    assert flaws(forged)[0] == "step 2 of the store: the step or its hash was changed"
    cut = msgspec.structs.replace(told, steps=told.steps[:3])
    assert flaws(cut) == [f"step 4 of the store is not the one that audit entry {_grown(told)} names"]
    line = msgspec.structs.replace(told.audit[0], actor="nobody")
    assert flaws(msgspec.structs.replace(told, audit=(line, *told.audit[1:]))) == [
        f"audit entry {line.seq} or its hash was changed"
    ]


def _grown(told: Dossier) -> int:
    return next(line.seq for line in told.audit if line.action == "trail.grown")


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_a_stranger_verifies_it_with_one_command(
    hub: Hub, order_id: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = getattr(made(hub, order_id), kind)
    path = tmp_path / f"order.{kind}"
    path.write_bytes(content)
    assert verifying.main([str(path), "--key", KEY.lower()]) == verifying.WHOLE
    assert KEY in capsys.readouterr().out
    assert verifying.main([str(path), "--key", "0" * 40]) == verifying.BROKEN
    path.write_bytes(content[:-300] + b"\0" + content[-299:])
    assert verifying.main([str(path)]) == verifying.BROKEN
    assert "NOT as it was made" in capsys.readouterr().out
    assert verifying.main([str(tmp_path / "none")]) == verifying.UNREADABLE


def test_the_pdf_reads_as_paper(hub: Hub, order_id: str, tmp_path: Path) -> None:
    path = tmp_path / "order.pdf"
    path.write_bytes(made(hub, order_id).pdf)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    assert all(word in text for word in ("订单追溯档案", "240315A", "前台", "如何验证")), text


def test_audit_verify_walks_the_trails(hub: Hub, order_id: str) -> None:
    from cloud import trails
    from tests.cloud.hub import CHAIN

    with hub.database.read() as connection:
        assert trails.broken(connection, CHAIN) == []
        assert audit.verify(connection, CHAIN) == []
    with hub.database.write() as connection:
        connection.exec_driver_sql("UPDATE trail SET name = 'nobody' WHERE seq = 2")
    with hub.database.read() as connection:
        assert trails.broken(connection, CHAIN)[0] == f"{order_id} step 2: the step or its hash was changed"
