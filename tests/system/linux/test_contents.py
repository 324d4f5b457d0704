"""What the built packages hold."""

import json
import subprocess
from pathlib import Path

import pytest

from installer.build import BUILD
from tests.system.frozen import files_left_out, modules_left_out

pytestmark = pytest.mark.system

DOCUMENTS = "usr/share/doc/yaolink-agent"


def test_nothing_of_ours_is_left_out(unpacked: Path) -> None:
    assert modules_left_out(BUILD / "frozen" / "work") == []
    assert files_left_out(unpacked / "opt" / "yaolink-agent" / "_internal") == []


def test_the_bill_of_materials_names_what_is_in_and_nothing_else(unpacked: Path) -> None:
    listed = json.loads((unpacked / DOCUMENTS / "sbom.cdx.json").read_text(encoding="utf-8"))
    names = {component["name"] for component in listed["components"]}
    assert {"CPython", "litestar", "uvicorn", "python-escpos", "pysqlite3", "SQLAlchemy", "libssl3"} <= names
    assert names.isdisjoint({"alembic", "psycopg", "Faker", "pystray", "pip", "pytest", "libreadline8"})
    assert listed["metadata"]["component"]["name"] == "yaolink-agent"


def test_every_library_comes_with_its_licence(unpacked: Path) -> None:
    listed = json.loads((unpacked / DOCUMENTS / "sbom.cdx.json").read_text(encoding="utf-8"))
    named = (unpacked / DOCUMENTS / "copyright").read_text(encoding="utf-8")
    assert [one["name"] for one in listed["components"] if one["name"] not in named] == []
    assert (unpacked / DOCUMENTS / "licences" / "cryptography" / "LICENSE").exists()


def test_the_file_list_is_true(unpacked: Path) -> None:
    lines = (unpacked / DOCUMENTS / "files.txt").read_text(encoding="utf-8").splitlines()
    sums = "".join(f"{line[:64]}  opt/yaolink-agent/{line.rsplit('  ', 1)[1]}\n" for line in lines if line[0] != " ")
    subprocess.run(["sha256sum", "--check", "--quiet", "-"], cwd=unpacked, input=sums, text=True, check=True)
    there = [path for path in (unpacked / "opt" / "yaolink-agent").rglob("*") if path.is_file() or path.is_symlink()]
    assert len(lines) == len(there)


def test_debians_checker_finds_no_error(deb: Path) -> None:
    done = subprocess.run(["lintian", "--fail-on", "error", str(deb)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_rpm_holds_the_same(deb: Path) -> None:
    (rpm,) = deb.parent.glob("*.rpm")
    listed = subprocess.run(["rpm", "-qpl", str(rpm)], capture_output=True, text=True, check=True).stdout.splitlines()
    debs = subprocess.run(["dpkg-deb", "--contents", str(deb)], capture_output=True, text=True, check=True).stdout
    files = [line.split()[5].removeprefix(".") for line in debs.splitlines() if line[0] != "d"]
    assert {path for path in files if "lintian" not in path} <= set(listed)
    scripts = subprocess.run(["rpm", "-qp", "--scripts", str(rpm)], capture_output=True, text=True, check=True).stdout
    assert "configure --from" in scripts
