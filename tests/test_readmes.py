"""The Chinese README tells what the English one tells."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))


def found(pattern: str, text: str) -> list[str]:
    return re.findall(pattern, text, re.MULTILINE)


def test_both_lead_to_the_same_pages() -> None:
    links = r"\]\((docs/[^)#]+)\)"
    assert found(links, CHINESE) == found(links, ENGLISH)


def test_the_pages_they_lead_to_are_there() -> None:
    assert [page for page in found(r"\]\((docs/[^)#]+)\)", ENGLISH) if not (ROOT / page).is_file()] == []


def test_both_tell_as_many_features_and_the_same_commands() -> None:
    assert len(found("^- ", CHINESE)) == len(found("^- ", ENGLISH))
    assert found("^make .*$", CHINESE) == found("^make .*$", ENGLISH)
