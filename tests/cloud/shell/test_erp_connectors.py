"""Headquarters' watched folder and SQL views, on a hub that works: feeds of several stores in, documents out."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cloud import policy, stock
from cloud.erp import desk
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from erp.folder import looking
from tests.cloud.shell.serving import OTHER_STORE, STORE, RunningHub
from tests.cloud.shell.test_erp_process import CHAIN, Store
from tests.waiting import eventually

MAPPING = """
[[files]]
feed = "sales"
name = 'xs.*\\.csv'
bad_rows = "lines"
columns = { store = "门店", document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量" }

[[files]]
feed = "counts"
name = 'kc_(?P<store>\\w+)_(?P<as_of>\\d+)_(?P<contains>\\d+)\\.csv'
columns = { sku = "编码", quantity = "库存" }

[documents]

[[views]]
feed = "sales"
view = "v_sales"
by = "id"
every_seconds = 1
columns = { store = "shop", document_id = "bill", sequence = "id", sku = "code", quantity = "qty" }

[hand_over]
table = "handed"
state = "state"
reference = "ref"
every_seconds = 1
columns = { number = "no", document_id = "doc", store = "shop", body = "body" }
"""
HEAD = "门店,小票号,时间,编码,数量\n"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    return made


@pytest.fixture
def hub(hub: RunningHub, share: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningHub]:
    """Begun anew with the settings of these tests."""
    monkeypatch.setattr(looking, "SETTLED_S", 0.1)
    monkeypatch.setattr("erp.folder.folder.LOOK_S", 0.2)
    hub.stop()
    (share.parent / "erp.toml").write_text(MAPPING, encoding="utf-8")
    hub.erp = {"api": True, "mapping": str(share.parent / "erp.toml")}
    yield hub


def started(hub: RunningHub, **more: str) -> RunningHub:
    hub.erp |= more
    hub.start()
    hub.beside(lambda tx: policy.put(tx, ChainPolicy(erp=ErpDelivery.HEADQUARTERS), by="test"))
    return hub


def on_hand(hub: RunningHub, store: str = STORE) -> int:
    found: list[int] = []
    hub.beside(lambda tx: found.append(stock.levels(tx.connection, CHAIN, store)["M1"].on_hand // units(1)))
    return found[0]


def lay(share: Path, name: str, text: str) -> None:
    eventually(lambda: (share / "in").is_dir(), "the folder is laid out")
    (share / f"{name}.tmp").write_text(text, encoding="utf-8")
    (share / f"{name}.tmp").rename(share / "in" / name)


def test_files_of_several_stores_and_documents_as_files(hub: RunningHub, share: Path) -> None:
    started(hub, folder=str(share))
    rows = f"{STORE},P1,5,M1,2\n{OTHER_STORE},P1,5,M1,1\nS9,P1,5,M1,1\n{STORE},P2,6,M1,两\n"
    lay(share, "xs1.csv", HEAD + rows)
    eventually(lambda: (share / "done" / "xs1.csv").exists(), "the file is taken")
    assert (on_hand(hub), on_hand(hub, OTHER_STORE)) == (8, 9)
    (file,) = hub.operator().get("/api/erp").json()["files"]
    assert (file["name"], file["state"], len(file["flaws"])) == ("xs1.csv", "partly", 2)
    lay(share, f"kc_{STORE}_6_0.csv", "编码,库存\nM1,7\n")
    eventually(lambda: on_hand(hub) == 7, "the count is taken")

    Store(hub).sell("o1", returned=False)
    (document,) = eventually(lambda: list((share / "out").glob("*.json")), "the document lies in the folder")
    said = json.loads(document.read_text(encoding="utf-8"))
    assert (said["store"], said["kind"]) == (STORE, "sale")
    lay(share, "answers1.csv", f"number,result,reason,reference\n{said['number']},booked,,XS-1\n")
    eventually(lambda: not document.exists(), "what was answered leaves the folder")
    (latest,) = hub.operator().get("/api/erp").json()["latest"]
    assert (latest["state"], latest["reference"]) == ("acknowledged", "XS-1")


def test_views_and_the_hand_over_table(hub: RunningHub, share: Path) -> None:
    database = share.parent / "erp.db"
    with closing(sqlite3.connect(database)) as db:
        db.execute("CREATE TABLE v_sales (id INTEGER, shop TEXT, bill TEXT, code TEXT, qty INTEGER)")
        db.execute("CREATE TABLE handed (no INTEGER PRIMARY KEY, doc TEXT, shop TEXT, body TEXT, state TEXT, ref TEXT)")
        db.execute("INSERT INTO v_sales VALUES (1, 'S1', 'OLD', 'M1', 1)")
        db.commit()
    started(hub, sql=f"sqlite:///{database}")
    eventually(lambda: hub.operator().get("/api/erp").json()["connectors"][0]["worked_at"], "the view was begun")
    with closing(sqlite3.connect(database)) as db:
        db.executemany("INSERT INTO v_sales VALUES (?, ?, 'B1', 'M1', 1)", [(2, STORE), (3, OTHER_STORE), (4, STORE)])
        db.commit()
    eventually(lambda: (on_hand(hub), on_hand(hub, OTHER_STORE)) == (8, 9), "both stores' bills are taken, each whole")

    Store(hub).sell("o1", returned=False)

    def handed() -> list[tuple[int, str, str]]:
        with closing(sqlite3.connect(database)) as db:
            return list(db.execute("SELECT no, shop, doc FROM handed"))

    ((number, shop, name),) = eventually(handed, "the document is in the table")
    assert shop == STORE and name.startswith("sale:")
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE handed SET state = 'booked', ref = 'XS-2' WHERE no = ?", (number,))
        db.commit()

    def booked() -> bool:
        (latest,) = hub.operator().get("/api/erp").json()["latest"]
        return bool(latest["state"] == "acknowledged" and latest["reference"] == "XS-2")

    eventually(booked, "the answer in the table is taken")
    assert len(handed()) == 1


def test_a_mapping_that_cannot_be_used_is_said_and_the_hub_works(hub: RunningHub, share: Path) -> None:
    (share.parent / "erp.toml").write_text('[[files]]\nfeed = "sales"\nname = "x"\ncolumns = {}\n', encoding="utf-8")
    started(hub, folder=str(share))
    assert "store" in hub.operator().get("/api/erp").json()["problem"]
    assert counted(hub) == 1
    assert hub.order("o1").is_success


def counted(hub: RunningHub) -> int:
    """Beside ERP in the menu: what asks for a person."""
    browser = hub.client()
    browser.post("/api/login", json={"token": hub.secrets.operator_token})
    page = browser.get("/erp").raise_for_status().text
    found = re.search(r'ERP <b class="count">(\d+)</b>', page)
    return int(found[1]) if found else 0


def test_a_connector_that_stays_dead_asks_for_a_person(
    hub: RunningHub, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share.rmdir()
    started(hub, folder=str(share))

    def trouble() -> str:
        (folder,) = hub.operator().get("/api/erp").json()["connectors"]
        return str(folder["trouble"])

    assert eventually(trouble, "the folder is missed")
    assert counted(hub) == 0
    monkeypatch.setattr(desk, "DEAD_AFTER", 0)
    assert counted(hub) == 1
    share.mkdir()
    eventually(lambda: not trouble(), "the folder is there again")
    assert counted(hub) == 0
