"""Locks, links, odd names, and what is never finished: nothing is read that should not be, and nothing is stopped."""

import hashlib
import os
from functools import partial
from pathlib import Path

import pytest

from agent.erp import files_taken
from erp.folder import looking
from tests.agent.erp.conftest import HEAD, Share


def test_windows_style_locks_are_waited_for(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    share.look(1)
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    with monkeypatch.context() as held:
        held.setattr(looking, "_opened", refusing)
        share.look()
    assert share.names("in") == ["sales.csv"]
    share.look()
    assert share.names("done") == ["sales.csv"]


def test_a_link_in_the_folder_is_not_read(share: Share, tmp_path: Path) -> None:
    """Whoever lays files here must not see through us what only we may read."""
    secret = tmp_path / "credential.json"
    secret.write_text('{"token":"TOPSECRET"}\n')
    share.look(1)
    link = share.root / "in" / "sales1.csv"
    link.symlink_to(secret)
    share.look()
    assert looking.read_now(link) is None
    assert (share.names("in"), share.names("done"), share.names("rejected")) == (["sales1.csv"], [], [])


def test_reasons_are_not_written_through_a_link(share: Share, tmp_path: Path) -> None:
    victim = tmp_path / "agent.toml"
    victim.write_text("good = true\n")
    share.look(1)
    digest = hashlib.sha256(b"x\n").hexdigest()[:8]
    (share.root / "rejected" / f"nobody.csv.{digest}.原因.csv").symlink_to(victim)
    share.lay("nobody.csv", "x\n")
    share.look()
    assert victim.read_text() == "good = true\n"
    assert "映射" in share.reasons()[0][1]


@pytest.mark.parametrize("name", [f"{'总' * 80}.csv", f"{'x' * 251}.csv", os.fsdecode("销售.csv".encode("gbk"))])
def test_an_odd_name_stops_nothing_else(share: Share, name: str) -> None:
    for content in ("x\n", "y\n"):  # the second finds its name taken
        share.lay(name, content)
        share.lay("sales2.csv", HEAD + "P2,2026-11-22 09:31,AMX,1,\n")
        os.utime(share.root / "in" / "sales2.csv", (2e9, 2e9))
        share.look()
    assert share.erp.on_hand == 9
    assert share.names("in") == []
    assert len(share.names("rejected")) == 4


def test_what_is_never_taken_is_told_once(share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file we may not read, a link, one that never got its name or its `.ok`: nobody else would notice."""
    (share.root / "in").mkdir()
    (share.root / "in" / "link.csv").symlink_to(tmp_path)
    share.lay("sales.csv.tmp", HEAD)
    share.lay("in7.txt", "x")
    locked = share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    monkeypatch.setattr(looking, "_opened", lambda path: refusing() if path == locked else path.open("rb"))
    share.look()
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()
    share.at += looking.STUCK_S
    share.look()
    told = share.erp.counter.work.read(files_taken.with_flaws)
    assert {each.name: each.flaws[0].why[:4] for each in told} == {
        "in/link.csv": "不是文件",
        "in/sales.csv.tmp": "文件名以",
        "in/in7.txt": "旁边没有",
        "in/sales.csv": "不能读取",
    }
    for each in told:
        share.erp.do(partial(files_taken.seen, digest=each.digest))
    share.look()
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def test_a_file_that_goes_while_we_look_stops_nothing(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ERP that renames `sales.csv.tmp` does so at any moment: its folder works all the same."""
    real, gone = looking._names, share.root / "in" / "sales0.csv"
    monkeypatch.setattr(looking, "_names", lambda folder: [*real(folder), gone, gone.with_name("sales0.csv.tmp")])
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    share.look()
    share.at += looking.STUCK_S
    share.look()
    assert (share.names("done"), share.erp.on_hand) == (["sales.csv"], 9)
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def test_one_that_goes_while_it_is_looked_at_stops_nothing(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    share.look(1)
    ends, real = share.lay("sales0.csv", HEAD), looking._files

    def then_renamed(paths: set[Path]) -> list[Path]:
        found = list(real(paths))
        ends.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(looking, "_files", then_renamed)
    share.lay("sales.csv", HEAD + "P1,5,AMX,1,\n")
    share.look()
    assert (share.names("done"), share.erp.on_hand) == (["sales.csv"], 9)


def test_many_files_of_one_name_are_not_one_that_is_stuck(share: Share) -> None:
    for number in range(10):
        share.lay("sales.csv", HEAD + f"P{number},5,AMX,0.1,\n")
        share.look(2)
        share.at += looking.STUCK_S / 4
    assert share.erp.counter.work.read(files_taken.with_flaws) == ()


def refusing(*_: object, **__: object) -> None:
    raise PermissionError(13, "another program holds it")
