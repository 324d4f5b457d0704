"""An ERP's database that does not answer: whoever asks it is told so soon, whichever its driver."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import make_url

from erp.errors import DatabaseGone
from erp.sql import database
from erp.sql.database import Database

DRIVER = """
paramstyle, version, __version__ = "pyformat", "4", "4"

class Error(Exception): pass
InterfaceError = DatabaseError = OperationalError = ProgrammingError = Error

class Thing:
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self

def connect(*_, **said):
    raise Error(f"asked with {sorted(said.items())}")

def __getattr__(name):
    if name.startswith("__"): raise AttributeError(name)
    return Thing()
"""


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections, and hangs up before a test would hang."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        hang_up = Timer(20, server.close)
        hang_up.start()
        yield server.getsockname()[1]
        hang_up.cancel()
        hang_up.join()


def test_a_server_that_never_answers_is_gone(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_S", 2)
    asked = Database(f"postgresql+psycopg://erp@127.0.0.1:{silent}/erp", lambda: None)
    with pytest.raises(DatabaseGone, match="timeout"), asked.connection():
        pass


def test_what_the_url_says_goes_before(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_S", 60)
    asked = Database(f"postgresql+psycopg://erp@127.0.0.1:{silent}/erp?connect_timeout=2", lambda: None)
    with pytest.raises(DatabaseGone, match="timeout"), asked.connection():
        pass


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mysql+pymysql://erp@127.0.0.1/erp", "connect_timeout"),
        ("mssql+pymssql://erp@127.0.0.1/erp", "login_timeout"),
        ("mssql+pyodbc://erp@127.0.0.1/erp?driver=ODBC", "timeout"),
        ("oracle+oracledb://erp@127.0.0.1/erp", "tcp_connect_timeout"),
    ],
)
def test_each_driver_is_told_in_its_own_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, name: str
) -> None:
    """By drivers of ours that stand in for theirs and only say how they were asked."""
    driver = make_url(url).get_driver_name()
    (tmp_path / f"{driver}.py").write_text(DRIVER, encoding="ascii")
    monkeypatch.setattr(sys, "path", [*sys.path])
    try:
        asked = Database(url, lambda: None, str(tmp_path))
        with pytest.raises(DatabaseGone, match=rf"'{name}', {database.CONNECT_S}\b"), asked.connection():
            pass
    finally:
        sys.modules.pop(driver, None)
