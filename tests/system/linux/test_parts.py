"""Parts of the installed program that need more than modules: a library's tables, templates, machine code. They may be
in the source and not in what was frozen of it."""

import importlib.metadata
import json
import re
import sqlite3

import httpx
import pytest

from drivers.virtual.printer import VirtualPrinter
from installer.demo.people import PEOPLE
from installer.linux.trial.headquarters import STORE
from installer.linux.trial.store_pc import AGENT, UNIT, StorePC
from installer.reproducible import ROOT
from tests.drivers.printers.finding.street import terrace

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PAGES = (
    *("prescriptions", "manager", "set-aside", "stock", "receiving", "erp"),
    *("devices", "printers", "scanners", "settings", "slips", "doctor"),
)
GS1 = "01069000000000141728063010L1"


def test_it_says_its_version(installed: StorePC) -> None:
    assert installed.agent("--version") == importlib.metadata.version("yaolink")


@pytest.mark.parametrize("name", ["", *PAGES])
def test_every_page_has_what_it_is_made_of(installed: StorePC, name: str) -> None:
    """Its template, styles and scripts."""
    token = installed.container.path("/var/lib/yaolink-agent/page.token").read_text(encoding="utf-8").strip()
    to_page = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=installed.headquarters.page_url, headers=to_page, trust_env=False, timeout=20.0
    ) as client:
        page = client.get(f"/{name}").raise_for_status().text
        assets = re.findall(r'(?:src|href)="/([a-z_]+\.(?:js|css))', page)
        assert len(assets) > 1
        for asset in assets:
            said = client.get(f"/{asset}").raise_for_status().text
            assert said == (ROOT / "agent" / "pages" / asset).read_text(encoding="utf-8")


def test_a_gs1_code_is_read(installed: StorePC) -> None:
    """By biip's tables."""
    told = installed.api("POST", "/api/scan", {"text": GS1})
    assert told["code"] == "06900000000014", told


def test_a_colleague_signs_in_by_pin(installed: StorePC) -> None:
    """By argon2, which is machine code behind cffi."""
    picker = next(person for person in PEOPLE if person.store == STORE)
    installed.api("POST", "/api/staff/sign-in", {"proof": {"staff_id": picker.staff_id, "pin": picker.pin}})
    installed.api("POST", "/api/staff/sign-out", {})


def test_a_printer_of_the_network_is_found(installed: StorePC) -> None:
    """By zeroconf, ifaddr and pyusb, in the unit's sandbox; on the loopback network only."""
    network = terrace(4)
    with VirtualPrinter(host=str(next(network.hosts()))) as stranger:
        wish = {"network": True, "networks": [str(network)], "port": stranger.port}
        found = installed.api("POST", "/api/printers/find", wish)
    assert stranger.address in {printer["address"] for printer in found["printers"]}, found
    said = installed.container.run("journalctl", "--unit", UNIT, "--no-pager")
    assert "cannot listen for printers" not in said


def test_support_reads_which_libraries_are_in_it(installed: StorePC) -> None:
    about = json.loads(installed.agent("bundle", "--show", "about.json"))
    assert about["frozen"] is True
    assert [name for name, version in about["packages"].items() if version == "?"] == []


def test_the_erps_database_is_read(installed: StorePC) -> None:
    """By SQLAlchemy and the dialect that the URL names."""
    folder = installed.container.root / "root" / "erp"
    folder.mkdir()
    with sqlite3.connect(folder / "erp.db") as erp:
        erp.execute("CREATE TABLE v_sales (row_id INTEGER, bill TEXT, at INTEGER, sku TEXT, quantity INTEGER)")
        erp.execute("INSERT INTO v_sales VALUES (1, 'B1', 1, 'M0005', 2)")
    erp.close()
    columns = 'columns = { document_id = "bill", sequence = "at", sku = "sku", quantity = "quantity" }'
    view = ["[[views]]", 'feed = "sales"', 'view = "v_sales"', 'by = "row_id"', "window = 100", columns, ""]
    (folder / "erp.toml").write_text("\n".join(view), encoding="utf-8")
    settings = ['secrets = "file"', "[erp]", 'mapping = "erp.toml"', 'sql = "sqlite:////root/erp/erp.db"', ""]
    (folder / "agent.toml").write_text("\n".join(settings), encoding="utf-8")
    said = installed.container.run(AGENT, "--config", "/root/erp/agent.toml", "erp", "check")
    assert "v_sales" in said and "✗" not in said
