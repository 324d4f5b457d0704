"""Which distributions PyInstaller really took, from its own tables of contents."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

_IN_SITE_PACKAGES = re.compile(r".*?[\\/]site-packages[\\/](.+)")
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_LONGEST_NAME = 60
"""Some projects put the whole text of their licence where its name belongs."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """`texts`: the files of the licence, by name."""

    name: str
    version: str
    licence: str
    texts: dict[str, str]
    kind: str = "pypi"


def from_tables(work: Path, site_packages: Path) -> list[Bundled]:
    """By name. `work` is PyInstaller's folder of that build, `site_packages` where the libraries came from."""
    owners = {
        str(file): found
        for found in distributions(path=[str(site_packages)])
        for file in found.files or ()
        if ".dist-info/" not in str(file)
    }
    taken = {owners[source] for source in _from_site_packages(work) if source in owners}
    return sorted((_described(found) for found in taken), key=lambda bundled: bundled.name.lower())


def sources(work: Path) -> Iterator[str]:
    """Every file that went in, as the building system names it."""
    for table in sorted(work.rglob("*.toc")):
        if table.name.startswith(("COLLECT", "PYZ")):
            yield from _paths(ast.literal_eval(table.read_text(encoding="utf-8")))


def _paths(table: object) -> Iterator[str]:
    """The rows are (name inside, path outside, kind), in lists of lists."""
    if isinstance(table, tuple) and len(table) == 3 and all(isinstance(cell, str) for cell in table):
        yield table[1]
    elif isinstance(table, list | tuple):
        for row in table:
            yield from _paths(row)


def _from_site_packages(work: Path) -> Iterator[str]:
    for source in sources(work):
        if (found := _IN_SITE_PACKAGES.fullmatch(source)) is not None:
            yield found[1].replace("\\", "/")


def _described(found: Distribution) -> Bundled:
    return Bundled(found.name, found.version, _licence(found), _texts(found))


def _licence(found: Distribution) -> str:
    said = found.metadata
    classified = [value for value in said.get_all("Classifier", ()) if value.startswith("License ::")]
    named = [said[key] for key in ("License-Expression", "License") if key in said]
    choices = [*named, *_names(classified)]
    return next((name for name in choices if 0 < len(name) <= _LONGEST_NAME and "\n" not in name), "see its texts")


def _names(classifiers: Sequence[str]) -> list[str]:
    return [" or ".join(classifier.rpartition(" :: ")[2] for classifier in classifiers)] if classifiers else []


def _texts(found: Distribution) -> dict[str, str]:
    files = [file for file in found.files or () if ".dist-info/" in str(file) and _LICENCE_FILE.search(file.name)]
    return {file.name: file.read_text(encoding="utf-8") for file in files}
