"""kill -9 of a process that takes files, reads a view and hands documents over, again and again: nothing of either side
is lost and nothing doubled."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from agent import policy
from agent.erp import documents
from agent.files import WorkFile
from domain.erp import DocumentKind, ErpDocumentLine, Way
from domain.events import PolicySet
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from tests.agent.core.conftest import MASTER_KEY
from tests.agent.erp.killing import all_sales

KILLS = 4
MAPPING = """
[[files]]
feed = "sales"
name = 's.*\\.csv'
columns = { document_id = "id", sequence = "at", sku = "sku", quantity = "n" }
[documents]
acknowledge = "removal"
[[views]]
feed = "sales"
view = "sales"
by = "at"
every_seconds = 1
columns = { document_id = "id", sequence = "at", sku = "sku", quantity = "n" }
"""


def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    chance, fetched = random.Random(7), list[int]()
    work_db, root, erp_db, text = (tmp_path / name for name in ("work.db", "share", "erp.db", "erp.toml"))
    root.mkdir()
    text.write_text(MAPPING, encoding="utf-8")
    with closing(sqlite3.connect(erp_db)) as db:
        db.execute("CREATE TABLE sales (id TEXT, at INTEGER, sku TEXT, n INTEGER)")
        db.commit()
    prepare(work_db)
    run(work_db, root, erp_db, text, within=0.3)
    for turn in range(KILLS):
        lay(root, turn)
        with closing(sqlite3.connect(erp_db)) as db:
            db.executemany(
                "INSERT INTO sales VALUES (?, ?, 'AMX', 1)", [(f"V{turn}-{n}", 1000 * turn + n + 1) for n in range(40)]
            )
            db.commit()
        write_documents(work_db, turn)
        run(work_db, root, erp_db, text, within=chance.uniform(0.0, 0.4))
        fetched += fetch(root)
    for _ in range(10):  # until all is taken and answered, however slow the machine
        run(work_db, root, erp_db, text, within=3.0)
        fetched += fetch(root)
        with WorkFile(work_db, master_key=MASTER_KEY) as work:
            if len(work.read(all_sales)) >= KILLS * 80 and not work.read(documents.owed):
                break
    with WorkFile(work_db, master_key=MASTER_KEY) as work:
        assert len(work.read(all_sales)) == KILLS * 80
        numbers = sorted(each.document.number for each in work.read(lambda reading: documents.latest(reading, 1000)))
        assert sorted(fetched) == numbers
        assert work.read(documents.owed) == ()
        told = work.read(
            lambda reading: reading.db.execute("SELECT kind, count(*) FROM outbox GROUP BY kind").fetchall()
        )
    counts = {row[0]: row[1] for row in told}
    assert counts["erp.sold"] == KILLS * 80
    assert counts["erp.answered"] == len(numbers) == KILLS * 3


def run(*where: Path, within: float) -> None:
    command = [sys.executable, "-m", "tests.agent.erp.connecting", *map(str, where)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "HERE\n"
        time.sleep(within)
        process.kill()


def prepare(work_db: Path) -> None:
    with WorkFile(work_db, master_key=MASTER_KEY) as work:
        work.write(lambda tx: policy.put(tx, PolicySet(ChainPolicy(erp=ErpDelivery.STORE))))


def lay(root: Path, turn: int) -> None:
    (root / "in").mkdir(exist_ok=True)
    rows = "".join(f"F{turn}-{number},{number},AMX,1\n" for number in range(40))
    (root / "in" / f"s{turn}.csv").write_text("id,at,sku,n\n" + rows, encoding="utf-8")


def write_documents(work_db: Path, turn: int) -> None:
    line = ErpDocumentLine("AMX", Way.OUT, units(1))
    with WorkFile(work_db, master_key=MASTER_KEY) as work:
        for number in range(3):
            work.write(
                partial(documents.write, kind=DocumentKind.SALE, document_id=f"sale:{turn}-{number}", lines=[line])
            )


def fetch(root: Path) -> list[int]:
    """The ERP takes whatever lies there."""
    found = []
    for path in (root / "out").glob("*.json"):
        found.append(json.loads(path.read_text("utf-8"))["number"])
        path.unlink()
    return found
