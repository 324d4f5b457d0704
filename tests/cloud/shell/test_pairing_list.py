"""Hundreds of stores: one list of codes and one ready file each, made at once and by nobody else read."""

import csv
import io
import json
import time
import tomllib
from pathlib import Path

import pytest

from cloud.pairing_list import COLUMNS, file_name, read_stores
from tests.cloud.shell.device import Device
from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_cli import run

TEMPLATE = 'secrets = "file"\n\n[[printers]]\nname = "前台"\naddress = "tcp://10.0.0.9:9100"\n'


@pytest.fixture
def config(hub: RunningHub, tmp_path: Path) -> str:
    """Of the running hub."""
    path = tmp_path / "hub.toml"
    path.write_text(f'data = "data"\nport = {hub.port}\n', encoding="utf-8")
    return str(path)


def rows(path: Path) -> list[list[str]]:
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_a_list_for_every_store_pairs_them(hub: RunningHub, config: str, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    done = run("--config", config, "pair", "--all", "--out", str(out))
    assert done.returncode == 0 and "2 codes, good for 14 days" in done.stdout
    head, *stores = rows(out)
    assert tuple(head) == COLUMNS
    assert [row[:2] for row in stores] == [["S1", "人民路店"], ["S2", "江滨店"]]
    assert out.stat().st_mode & 0o777 == 0o600
    for store, _, code, _, url, command in stores:
        assert command == f"yaolink-agent pair --hub {url} --code {code}"
        assert Device(f"d-{store}").pair(hub.client(), code).json()["store"] == store
        assert code not in done.stdout


def test_stores_that_have_an_agent_are_left_out_unless_asked_for(hub: RunningHub, config: str, tmp_path: Path) -> None:
    hub.pair("S1")
    out = tmp_path / "list.csv"
    assert "1 stores have an agent" in run("--config", config, "pair", "--all", "--out", str(out)).stdout
    assert [row[0] for row in rows(out)[1:]] == ["S2"]
    run("--config", config, "pair", "--stores", "S1,S2", "--again", "--out", str(out))
    assert [row[0] for row in rows(out)[1:]] == ["S1", "S2"]


def test_a_file_for_each_store(config: str, tmp_path: Path) -> None:
    template, folder = tmp_path / "store.toml", tmp_path / "configs"
    template.write_text(TEMPLATE, encoding="utf-8")
    out = tmp_path / "list.csv"
    asked = ["--configs", str(folder), "--template", str(template), "--out", str(out)]
    assert run("--config", config, "pair", "--all", *asked).returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == ["S1.toml", "S2.toml"]
    read = tomllib.loads((folder / "S1.toml").read_text(encoding="utf-8"))
    assert read["printers"][0]["name"] == "前台"
    assert [read["pairing"]["hub"], read["pairing"]["code"]] == [rows(out)[1][4], rows(out)[1][2]]
    assert (folder / "S1.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--all"], "--out"),
        (["--all", "--out", "x.csv", "--days", "0"], "between 1 and 90"),
        (["--all", "--out", "x.csv", "--days", "91"], "between 1 and 90"),
        (["--all", "--out", "/no/such/folder/x.csv"], "cannot be written"),
        (["--stores", "S1,nowhere", "--out", "x.csv"], "nowhere"),
        (["--all", "--out", "x.csv", "--configs", "c"], "--template"),
        (["--all", "--out", "x.csv", "--configs", "c", "--template", "/none"], "cannot be used as a template"),
    ],
)
def test_what_cannot_be_made_voids_no_code(
    hub: RunningHub, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code = hub.operator().post("/api/stores/S1/pairing-code").json()["code"]
    (tmp_path / "x.csv").write_text("an earlier list")
    done = run("--config", config, "pair", *asked)
    assert done.returncode == 1 and said in done.stderr
    assert (tmp_path / "x.csv").read_text() == "an earlier list"
    assert Device().pair(hub.client(), code).status_code == 200


def test_a_thousand_stores_take_a_moment(tmp_path: Path) -> None:
    """Without a running hub too; and the whole list is in the audit."""
    config, file, out = tmp_path / "hub.toml", tmp_path / "chain.json", tmp_path / "list.csv"
    config.write_text('data = "data"\nport = 1\n', encoding="utf-8")
    stores = [{"store": f"S{number:04d}", "name": f"第{number}店"} for number in range(1000)]
    file.write_text(json.dumps({"stores": stores}), encoding="utf-8")
    run("--config", str(config), "init")
    run("--config", str(config), "load", str(file))
    began = time.monotonic()
    assert run("--config", str(config), "pair", "--all", "--days", "30", "--out", str(out)).returncode == 0
    assert time.monotonic() - began < 60  # half a second where nobody else works
    codes = [row[2] for row in rows(out)[1:]]
    assert len(codes) == 1000 and len({code[:9] for code in codes}) == 1000
    assert run("--config", str(config), "audit", "verify").returncode == 0


def test_the_page_gives_the_same_list(hub: RunningHub) -> None:
    answer = hub.operator().post("/api/pairing-list", json={})
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 3
    assert hub.client().post("/api/pairing-list", json={}).status_code == 401
    assert hub.operator().post("/api/pairing-codes", json={"days": 91}).status_code == 400


def test_many_stores_behind_one_address_pair_in_one_minute(hub: RunningHub) -> None:
    """Only wrong tries are counted against an address."""
    for _ in range(12):
        hub.pair("S1")
    answers = [Device().pair(hub.client(), "0000-0000-0000-0000").status_code for _ in range(12)]
    assert answers[0] != 429 and answers[-1] == 429


def test_stores_are_named_in_a_file_or_at_once(tmp_path: Path) -> None:
    file = tmp_path / "stores.txt"
    file.write_text("\ufeffS1\n\nS2, 江滨店\n# later\nS3  # soon\n", encoding="utf-8")
    assert read_stores(str(file)) == ("S1", "S2", "S3")
    assert read_stores("S1, S2") == ("S1", "S2")


def test_a_stores_id_is_a_name_that_a_file_can_have() -> None:
    assert file_name("和平路-1.a") == "和平路-1.a"
    assert file_name("a/../b c") == "a%2F..%2Fb%20c"
