"""Backups by command: taken beside a running hub, brought back with everything set up for the stores to begin anew."""

from functools import partial
from pathlib import Path

import pytest

from cloud import chain, high_water, restoring
from cloud.chores import Chores
from domain.quantity import units
from tests.cloud.shell.serving import STORE, RunningHub
from tests.cloud.shell.test_cli import Done, run
from tests.cloud.shell.test_edge import BEGINNING, page


@pytest.fixture
def command(hub: RunningHub, tmp_path: Path) -> list[str]:
    config = tmp_path / "hub.toml"
    config.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    return ["--config", str(config)]


def test_a_backup_brings_back_its_moment_and_every_log_begins_anew(
    hub: RunningHub, command: list[str], tmp_path: Path
) -> None:
    device, file = hub.paired(), tmp_path / "backup.db"
    agent = hub.client(hub.speak(device))
    hub.order("A1").raise_for_status()
    assert run(*command, "backup", str(file)).returncode == 0
    hub.order("A2").raise_for_status()
    before = page(agent, BEGINNING)
    orders = [event.order_id for event in before.events if event.kind == "order.placed"]
    assert len(orders) == 2
    said = run(*command, "restore", str(file))
    assert (said.returncode, "running" in said.stderr) == (1, True)
    hub.stop()
    said = run(*command, "restore", str(file))
    assert said.returncode == 0, said.stderr
    assert len(list(hub.folder.glob("hub.db.before-*"))) == 1
    assert not list(hub.folder.glob("*restoring*"))
    hub.start()
    agent = hub.client(hub.speak(device))  # a hub put back ends every session
    again = page(agent, f"store:S1@{before.head.log_id}:{before.head.seq}")
    assert again.reset and again.head.log_id != before.head.log_id
    assert again.head.seq > before.head.seq
    assert [hub.operator().get(f"/api/orders/{order}").status_code for order in orders] == [200, 404]


def test_a_data_file_put_back_by_hand_is_noticed_at_the_start(hub: RunningHub, tmp_path: Path) -> None:
    device = hub.paired()
    agent = hub.client(hub.speak(device))
    hub.stop()
    old = (hub.folder / "hub.db").read_bytes()
    hub.start()
    hub.order("A1").raise_for_status()
    before = page(agent, BEGINNING).head
    hub.stop()
    (hub.folder / "hub.db").write_bytes(old)
    hub.start()
    agent = hub.client(hub.speak(device))  # a hub put back ends every session
    assert page(agent, f"store:S1@{before.log_id}:{before.seq}").reset


def test_what_the_start_itself_writes_hides_no_restore(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that a new version tries again writes events: as many as were lost, under their numbers."""
    agent = hub.client(hub.speak(device := hub.paired()))
    hub.stop()
    old = (hub.folder / "hub.db").read_bytes()
    hub.start()
    hub.order("A1").raise_for_status()
    before = page(agent, BEGINNING).head
    hub.stop()
    (hub.folder / "hub.db").write_bytes(old)
    begin = Chores.begin

    async def writing(chores: Chores) -> None:
        for count in range(before.seq):
            await chores._writer.run(partial(chain.set_stock, store=STORE, sku="M1", on_hand=units(20 + count)))
        await begin(chores)

    monkeypatch.setattr(Chores, "begin", writing)
    hub.start()
    agent = hub.client(hub.speak(device))
    assert page(agent, f"store:S1@{before.log_id}:{before.seq}").reset


def test_a_whole_machine_put_back_is_noticed_by_the_first_agent(hub: RunningHub, tmp_path: Path) -> None:
    device = hub.paired()
    agent = hub.client(hub.speak(device))
    hub.stop()
    old = {name: (hub.folder / name).read_bytes() for name in ("hub.db", high_water.MARKS)}
    hub.start()
    for number in range(5):
        hub.order(f"A{number}").raise_for_status()
    before = page(agent, BEGINNING).head
    hub.stop()
    for name, content in old.items():
        (hub.folder / name).write_bytes(content)
    hub.start()
    assert page(agent, f"store:S1@{before.log_id}:{before.seq}").reset
    agent = hub.client(hub.speak(device))  # a hub put back ends every session
    assert page(agent, "catalogue@:0").head.floor >= restoring.JUMP, "every log, not only the store's"


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_backup_changes_nothing(config: list[str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    database = tmp_path / "data" / "hub.db"
    before = database.read_bytes()
    said = run(*config, "restore", str(tmp_path / "x.db"))
    assert said.returncode == 1, said.stdout
    assert database.read_bytes() == before


@pytest.fixture
def config(tmp_path: Path) -> list[str]:
    path = tmp_path / "hub.toml"
    path.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    assert run("--config", str(path), "init").returncode == 0
    return ["--config", str(path)]


def test_postgresql_has_tools_of_its_own(config: list[str], tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text('data = "data"\nport = 1\ndatabase = "postgresql://yaolink@127.0.0.1:1/x"\n', encoding="utf-8")
    said: Done = run("--config", str(path), "backup", str(tmp_path / "x.db"))
    assert said.returncode == 1 and "pg_dump" in said.stderr


def test_restored_begins_the_logs_anew(config: list[str], tmp_path: Path) -> None:
    marks = tmp_path / "data" / high_water.MARKS
    assert run(*config, "restored").returncode == 0
    assert high_water.read_marks(marks) == {}
