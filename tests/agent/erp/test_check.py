"""`yaolink-agent erp check`: what is wrong is said in plain words, and nothing is taken."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from agent.cli import main
from agent.erp.store_books import StoreDisk
from erp.check import Said, check
from erp.settings import ErpSettings

MAPPING = """
[[files]]
feed = "sales"
name = 's.*\\.csv'
columns = { document_id = "id", sequence = "at", sku = "sku", quantity = "n" }
[[views]]
feed = "sales"
view = "sales"
by = "at"
columns = { document_id = "id", sequence = "at", sku = "sku", quantity = "n" }
[hand_over]
table = "handed"
state = "state"
columns = { number = "no", document_id = "doc", body = "body" }
"""


@pytest.fixture
def settings(tmp_path: Path) -> ErpSettings:
    (tmp_path / "share" / "in").mkdir(parents=True)
    (tmp_path / "erp.toml").write_text(MAPPING, encoding="utf-8")
    return ErpSettings(
        mapping=str(tmp_path / "erp.toml"), folder=str(tmp_path / "share"), sql=f"sqlite:///{tmp_path / 'erp.db'}"
    )


def known(skus: Iterable[str]) -> set[str]:
    return {"AMX"}.intersection(skus)


def said(settings: ErpSettings) -> list[Said]:
    return list(check(settings, lambda: None, known, StoreDisk()))


def test_everything_right(settings: ErpSettings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
        db.execute("CREATE TABLE sales (id TEXT, at INTEGER, sku TEXT, n INTEGER)")
        db.execute("INSERT INTO sales VALUES ('A', 1, 'AMX', 2)")
        db.execute("CREATE TABLE handed (no INTEGER, doc TEXT, body TEXT, state TEXT)")
        db.commit()
    file = tmp_path / "share" / "in" / "s1.csv"
    file.write_text("id,at,sku,n\nP1,5,AMX,2\n", encoding="utf-8")
    told = said(settings)
    assert all(each.good for each in told), told
    assert any("P1" in each.words for each in told)
    assert file.exists()


def test_everything_wrong(settings: ErpSettings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
        db.execute("CREATE TABLE sales (id TEXT, sku TEXT)")
        db.commit()
    (tmp_path / "share" / "in" / "s1.csv").write_text("id,at,sku,n\nP1,5,XXX,2\nP2,6,AMX,两\n", encoding="utf-8")
    (tmp_path / "share" / "in" / "other.csv").write_text("a\n1\n", encoding="utf-8")
    bad = "\n".join(each.words for each in said(settings) if not each.good)
    for words in ("s1.csv", "第 3 行", "XXX", "other.csv", "视图 sales", "no such column", "交接表 handed"):
        assert words in bad


def test_a_folder_that_is_not_there_and_a_mistaken_mapping(settings: ErpSettings, tmp_path: Path) -> None:
    (tmp_path / "share" / "in").rmdir()
    (tmp_path / "share").rmdir()
    assert any("文件夹不能用" in each.words for each in said(settings))
    (tmp_path / "erp.toml").write_text("[[file]]\n", encoding="utf-8")
    assert ["映射文件有误" in each.words for each in said(settings)] == [True]


def test_the_command_says_it_and_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "agent.toml").write_text('[erp]\nfolder = "share"\nmapping = "erp.toml"\n', encoding="utf-8")
    (tmp_path / "erp.toml").write_text(MAPPING, encoding="utf-8")
    assert main(["--config", str(tmp_path / "agent.toml"), "erp", "check"]) == 1
    assert "✗ 文件夹不能用" in capsys.readouterr().out
    (tmp_path / "share").mkdir()
    assert main(["--config", str(tmp_path / "agent.toml"), "erp", "check"]) == 0
