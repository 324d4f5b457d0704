"""[[printers]] written back into files as people write them: only the entry's own lines change."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import printer_settings, settings_tables
from agent.config import BadConfig, PrinterSettings, load
from agent.settings_file import NotWritable, SettingsFile
from agent.settings_tables import Value
from domain.slips import SlipKind
from drivers.printers.base import Use

WRITTEN_BY_HAND = """\
# this store
page_port = 8641   # 8640 is the till's

[[printers]]  # at the counter
name = "前台"
# moved in March
address = "tcp://192.168.1.50:9100"   # ask IT
paper = 80

# the narrow one
[[ printers ]]
  name = '收银'
  address = "tcp://192.168.1.51"
  backup = "前台"

# behind the shelf
[[scanners]]
path = "/dev/ttyS0"
[voice]
volume = 60
quiet = [
    "22:00-07:00",  # night
]
"""
BACK = PrinterSettings(
    "后仓", "tcp://192.168.1.52:9100", paper=58, use=Use.OURS, prints=(SlipKind.SHIFT,), backup="前台"
)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_one_more_stands_behind_the_others() -> None:
    after = printer_settings.added(WRITTEN_BY_HAND, BACK)
    new = [
        "[[printers]]", 'name = "后仓"', 'address = "tcp://192.168.1.52:9100"', "paper = 58", 'use = "ours"',
        'prints = ["shift"]', 'backup = "前台"',
    ]  # fmt: skip
    before = lines(WRITTEN_BY_HAND)
    at = before.index('  backup = "前台"') + 1
    assert lines(after) == [*before[:at], *new, *before[at:]]


def test_the_first_stands_at_the_end_of_the_file() -> None:
    after = printer_settings.added("page_port = 8641\n[voice]\nvolume = 60", PrinterSettings("前台", "tcp://h"))
    assert lines(after)[-4:] == ["[[printers]]", 'name = "前台"', 'address = "tcp://h"', "paper = 80"]
    assert tomllib.loads(after)["voice"] == {"volume": 60}


def test_a_change_touches_its_own_line() -> None:
    after = printer_settings.changed(WRITTEN_BY_HAND, "前台", {"address": "tcp://192.168.1.60", "paper": 58})
    assert [(old, new) for old, new in zip(lines(WRITTEN_BY_HAND), lines(after), strict=True) if old != new] == [
        ('address = "tcp://192.168.1.50:9100"   # ask IT', 'address = "tcp://192.168.1.60"   # ask IT'),
        ("paper = 80", "paper = 58"),
    ]


def test_a_key_is_added_and_taken_out() -> None:
    after = printer_settings.changed(WRITTEN_BY_HAND, "收银", {"prints": ["customer", "refund"], "backup": None})
    assert "backup" not in after
    assert tomllib.loads(after)["printers"][1]["prints"] == ["customer", "refund"]
    assert "# behind the shelf\n[[scanners]]" in after and "# the narrow one\n[[ printers ]]" in after


def test_whoever_has_it_as_a_backup_knows_its_new_name() -> None:
    after = printer_settings.changed(WRITTEN_BY_HAND, "前台", {"name": "大厅"})
    assert [entry["name"] for entry in tomllib.loads(after)["printers"]] == ["大厅", "收银"]
    assert tomllib.loads(after)["printers"][1]["backup"] == "大厅"


def test_one_that_is_removed_takes_its_lines_along_and_nothing_else() -> None:
    after = printer_settings.removed(WRITTEN_BY_HAND, "前台")
    assert lines(after) == [
        "# this store", "page_port = 8641   # 8640 is the till's", "# the narrow one", "[[ printers ]]",
        "  name = '收银'", '  address = "tcp://192.168.1.51"', "# behind the shelf", "[[scanners]]",
        'path = "/dev/ttyS0"', "[voice]", "volume = 60", "quiet = [", '    "22:00-07:00",  # night', "]",
    ]  # fmt: skip
    none = printer_settings.removed(after, "收银")
    assert "printers" not in tomllib.loads(none) and "# the narrow one" in none


@pytest.mark.parametrize(
    "text",
    [
        'printers = [{name = "前台", address = "tcp://h"}]\n',
        '[[printers]]\nname = """\n[[printers]]\n"""\naddress = "tcp://h"\n',
        '[["printers"]]\nname = "前台"\naddress = "tcp://h"\n',
    ],
)
def test_what_is_written_in_another_way_is_left(text: str) -> None:
    steps: tuple[Callable[[], str], ...] = (
        lambda: printer_settings.added(text, BACK),
        lambda: printer_settings.changed(text, "前台", {"address": "tcp://i"}),
        lambda: printer_settings.removed(text, "前台"),
    )
    for step in steps:
        with pytest.raises(BadConfig, match=r"not written as \[\[printers\]\] tables") as refused:
            step()
        assert "by hand" in refused.value.hint


def test_one_that_is_not_there_is_said() -> None:
    with pytest.raises(BadConfig, match="'大厅' is not in the file"):
        printer_settings.removed(WRITTEN_BY_HAND, "大厅")


KINDS = st.lists(st.sampled_from(["picking", "stop"]), unique=True)
ENTRY = st.fixed_dictionaries(
    {"name": st.sampled_from(["前台", "收银", 'a"b', "c\\d", "#x", "[[printers]]"]), "address": st.just("tcp://h")},
    optional={"prints": KINDS, "paper": st.sampled_from([58, 80])},
)
BETWEEN = st.sampled_from(["", "\n", "# note\n", "\n\n# a [[printers]]\n", "[voice]\nvolume = 3 # quiet\n", "  \n"])


@given(st.lists(st.tuples(BETWEEN, ENTRY), max_size=4, unique_by=lambda each: each[1]["name"]), BETWEEN, st.data())
def test_whatever_is_done_says_what_it_should_and_nothing_else(
    parts: list[tuple[str, dict[str, Value]]], last: str, data: st.DataObject
) -> None:
    text, voiced = "", False
    for between, entry in (*parts, (last, None)):
        text += "" if voiced and "[voice]" in between else between
        voiced = voiced or "[voice]" in between
        if entry is not None:
            text += settings_tables.added("", "printers", entry)
    entries = [entry for _, entry in parts]
    rest = {key: value for key, value in tomllib.loads(text).items() if key != "printers"}
    new: dict[str, Value] = {"name": "新", "address": "tcp://n"}
    grown = settings_tables.added(text, "printers", new)
    assert tomllib.loads(grown) == {**rest, "printers": [*entries, new]}
    chosen = data.draw(st.sampled_from([*entries, new]))
    named = str(chosen["name"])
    moved = settings_tables.changed(grown, "printers", named, {"address": "tcp://m", "paper": None})
    wanted = {key: value for key, value in {**chosen, "address": "tcp://m"}.items() if key != "paper"}
    assert wanted in tomllib.loads(moved)["printers"]
    gone = settings_tables.removed(moved, "printers", named)
    assert tomllib.loads(gone).get("printers", []) == [each for each in [*entries, new] if each is not chosen]
    assert comments(gone) == comments(text)


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#") or "# quiet" in line]


@pytest.mark.parametrize("windows", [False, True])
def test_line_ends_and_mark_stay(tmp_path: Path, windows: bool) -> None:
    path = tmp_path / "agent.toml"
    path.write_bytes((("\ufeff" + WRITTEN_BY_HAND.replace("\n", "\r\n")) if windows else WRITTEN_BY_HAND).encode())
    settings = SettingsFile(path).rewrite(lambda text: printer_settings.added(text, BACK))
    raw = path.read_bytes()
    assert settings.printers[2] == BACK == load(path).printers[2]
    assert raw.startswith(b"\xef\xbb\xbf") is windows
    assert raw.count(b"\r\n") == (raw.count(b"\n") if windows else 0)


def test_what_cannot_be_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(WRITTEN_BY_HAND, "utf-8")
    with pytest.raises(BadConfig, match="there is no printer '无'"):
        SettingsFile(path).rewrite(lambda text: printer_settings.changed(text, "前台", {"backup": "无"}))
    path.chmod(0o444)
    with pytest.raises(NotWritable, match="read-only"):
        SettingsFile(path).rewrite(lambda text: printer_settings.added(text, BACK))
    assert path.read_text("utf-8") == WRITTEN_BY_HAND
