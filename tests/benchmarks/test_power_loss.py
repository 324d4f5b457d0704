"""What the power-loss campaign takes for a promise, and what it takes for broken."""

import json
import re
from pathlib import Path

import pytest

from agent.engine import sqlite3
from benchmarks.power_loss import of_hub
from benchmarks.power_loss.promises import Promised, all_of
from cloud import secrets
from cloud.database import migrate, open_database
from tests.power.records import Op, Record

LOG_ID = "0123456789abcdef0123456789abcdef"
KEY = "01a2035d-4f85-7023-bf97-a9103fc12c52"


def said(*pieces: bytes) -> Promised:
    """By one connection, piece by piece."""
    return all_of(Record(Op.SAID, 1, 7, 0, 0, piece) for piece in pieces)


def test_what_a_hub_says() -> None:
    promised = said(
        b'{"order_id":"WX-1","hub_order_id":"o1","result":"understood"}',
        b'[{"key":"%b","state":"done"},{"key":"other","state":"refused"}]' % KEY.encode(),
        b'{"log":"store:S1","log_id":"%b","seq":4,"floor":0}' % LOG_ID.encode(),
        b'data: {"log":"store:S1","se',
        b'q":5,"kind":"order.placed","v":1}',
    )
    assert promised.orders == {"o1"}
    assert promised.outcomes == {KEY}
    assert promised.logs == {("store:S1", LOG_ID): 5}


def test_what_an_agent_says() -> None:
    verdict = {"good": True, "rule": "ok", "code": "8123", "scan_id": 3}
    promised = said(
        b'[{"key":"%b","number":7,"kind":"sale.recorded"}]' % KEY.encode(),
        b"GET /edge/events?after=store%%3AS1%%40%b%%3A6&limit=200 HTTP/1.1" % LOG_ID.encode(),
        b"event: verdict\ndata: " + json.dumps(verdict).encode() + b"\n\n",
        b'{"sale_id":"s1"}',
        b'{"path":"backups/work.1.db"}',
        b"\x1b@\x1c&" + "拣货单".encode("gbk") + b"\n{BYO6GV9E883NQR6\x1dVA",
    )
    assert promised.operations == {7: KEY}
    assert promised.logs == {("store:S1", LOG_ID): 6}
    assert promised.scans == {3: ("8123", "ok")}
    assert (promised.sales, promised.backups, promised.papers) == ({"s1"}, {"backups/work.1.db"}, {"YO6GV9E883NQR6"})


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A hub's folder, as `init` leaves it."""
    database = open_database(f"sqlite:///{tmp_path / of_hub.FILE}")
    migrate(database)
    database.close()
    secrets.load_or_make(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("promised", "spoilt", "found"),
    [
        (Promised(), "", ""),
        (Promised(orders={"o1"}), "", "1 orders that were answered"),
        (Promised(outcomes={KEY}), "", "1 operations that were answered"),
        (Promised(logs={("store:S1", LOG_ID): 2}), "", "stores were told 2"),
        (
            Promised(),
            "INSERT INTO log_heads (chain, log, log_id, head) VALUES ('main', 'store:S1', 'x', 3)",
            "disagree",
        ),
    ],
)
def test_what_a_hub_may_not_have_lost(image: Path, promised: Promised, spoilt: str, found: str) -> None:
    with sqlite3.connect(image / of_hub.FILE) as db:
        db.execute(spoilt)
    db.close()
    flaws = list(of_hub.flaws(image, later=of_hub.Later({}, {}), promised=promised, started=False))
    assert bool(flaws) == bool(found)
    assert all(re.search(found, flaw) for flaw in flaws)
