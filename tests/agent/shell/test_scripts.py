"""The pages' scripts share one room: what two of them called by the same name would be the later one's for both."""

import re
from collections import Counter
from pathlib import Path

PAGES = Path(__file__).parents[3] / "agent" / "pages"
NAMED = re.compile(r"^(?:async )?(?:function|const|let|class) +([A-Za-z_$][\w$]*)|^let (.+);$", re.MULTILINE)


def named(script: Path) -> list[str]:
    text = script.read_text(encoding="utf-8")
    several = [name.split("=")[0].strip() for found in NAMED.finditer(text) for name in (found[2] or "").split(",")]
    return [name for name in (*(found[1] for found in NAMED.finditer(text)), *several) if name]


def test_no_two_scripts_use_one_name() -> None:
    scripts = sorted(PAGES.glob("*.js"))
    assert len(scripts) > 3 and {"refresh", "swap"} <= set(named(PAGES / "page.js"))
    names = Counter(name for script in scripts for name in set(named(script)))
    assert [name for name, count in names.items() if count > 1] == []
