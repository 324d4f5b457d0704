"""Which libraries are in, from PyInstaller's tables, on either system."""

from pathlib import Path

import pytest

from installer.papers.bundled import from_tables
from installer.papers.file_list import file_list

METADATA = "Metadata-Version: 2.4\nName: {0}\nVersion: 1.5\n{1}\n"


def library(site_packages: Path, name: str, said: str) -> None:
    for file, content in (
        (f"{name}/__init__.py", ""),
        (f"{name}-1.5.dist-info/METADATA", METADATA.format(name, said)),
        (f"{name}-1.5.dist-info/licenses/LICENSE", f"the terms of {name}"),
        (f"{name}-1.5.dist-info/RECORD", f"{name}/__init__.py,,\n{name}-1.5.dist-info/licenses/LICENSE,,\n"),
    ):
        path = site_packages / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


@pytest.mark.parametrize("prefix", ["/home/x/site-packages/", "Z:\\\\x\\\\Lib\\\\site-packages\\\\"])
def test_only_what_was_taken_is_listed(tmp_path: Path, prefix: str) -> None:
    site_packages, work = tmp_path / "site-packages", tmp_path / "work"
    library(site_packages, "taken", "License-Expression: MIT")
    library(site_packages, "left", "License-Expression: GPL-3.0")
    work.mkdir()
    separator = "\\\\" if "\\" in prefix else "/"
    source = f"{prefix}taken{separator}__init__.py"
    (work / "PYZ-00.toc").write_text(f"('out.pyz', [('taken', '{source}', 'PYMODULE')])", encoding="utf-8")
    (only,) = from_tables(work, site_packages)
    assert (only.name, only.version, only.licence) == ("taken", "1.5", "MIT")
    assert only.texts == {"LICENSE": "the terms of taken"}


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("License: BSD", "BSD"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT License"),
        (f"License: {'every word of it ' * 9}\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        ("", "see its texts"),
    ],
)
def test_a_licence_is_named_as_its_project_names_it(tmp_path: Path, said: str, licence: str) -> None:
    library(tmp_path, "taken", said)
    table = "([('taken', '/site-packages/taken/__init__.py', 'DATA')],)"
    (tmp_path / "COLLECT-00.toc").write_text(table, encoding="utf-8")
    (only,) = from_tables(tmp_path, tmp_path)
    assert only.licence == licence


def test_a_file_list_shows_what_differs(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "file").write_bytes(b"1")
    (tmp_path / "b" / "file").chmod(0o644)
    (tmp_path / "a").symlink_to("b/file")
    first = file_list(tmp_path)
    assert [line.split()[-1] for line in first.splitlines()] == ["b/file", "b/file"]
    assert file_list(tmp_path) == first
    (tmp_path / "b" / "file").chmod(0o755)
    assert file_list(tmp_path) != first
