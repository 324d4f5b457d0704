"""Settings written back: comments stay, nothing half-done, another person's edit is kept."""

import os
import stat
import threading
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agent
from agent.config import BadConfig, Language, LogLevel, load, parse
from agent.settings_file import NotWritable, SettingsFile
from agent.settings_tables import Value

SHIPPED = Path(agent.__file__).parent / "agent.toml"
WITH_TABLES = """\
# this store
page_port = 8641   # 8640 is the till's

[[printers]]  # at the counter
name = "前台"
address = "tcp://192.168.1.50:9100"

# behind the shelf
[[scanners]]
path = "/dev/ttyS0"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "agent.toml"
    made.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    return made


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def test_a_change_touches_one_line(path: Path) -> None:
    before = path.read_text("utf-8").splitlines()
    settings = SettingsFile(path).change({"language": "en"})
    after = path.read_text("utf-8").splitlines()
    assert settings.language is load(path).language is Language.ENGLISH
    assert [new for old, new in zip(before, after, strict=True) if old != new] == ['language = "en"']


def test_a_key_that_was_not_there_stands_before_the_tables(path: Path) -> None:
    path.write_text(WITH_TABLES, "utf-8")
    SettingsFile(path).change({"language": "en", "log_level": "debug"})
    settings = load(path)
    assert (settings.language, settings.log_level, settings.page_port) == (Language.ENGLISH, LogLevel.DEBUG, 8641)
    assert settings.printers[0].name == "前台" and settings.scanners[0].path == "/dev/ttyS0"
    assert comments(path.read_text("utf-8")) == comments(WITH_TABLES)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["zh", "en"]),
        "log_level": st.sampled_from(["debug", "info", "warning"]),
        "page_port": st.integers(0, 65535),
        "voice.volume": st.integers(0, 100),
        "voice.player": st.sampled_from(["auto", "off"]),
        "voice.quiet": st.lists(st.sampled_from(["22:00-07:00", "12:30-13:30"]), unique=True),
    },
)


@given(st.sampled_from([SHIPPED.read_text("utf-8"), WITH_TABLES, "", "# only this"]), CHANGES, st.booleans())
def test_whatever_is_changed_is_read_again_and_the_rest_stays(
    tmp_path_factory: pytest.TempPathFactory, text: str, changes: dict[str, Value], windows: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "agent.toml"
    path.write_bytes((("\ufeff" + text.replace("\n", "\r\n")) if windows else text).encode())
    settings = SettingsFile(path).change(changes)
    assert load(path) == settings
    assert parse(tomllib.loads(after := path.read_bytes().decode("utf-8-sig"))) == parse(_with(text, changes))
    assert comments(after) == comments(text)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") is windows


def _with(text: str, changes: dict[str, Value]) -> dict[str, object]:
    """What the file should mean, made without the code under test."""
    values: dict[str, object] = dict(tomllib.loads(text))
    voice = dict(tomllib.loads(text).get("voice", {}))
    for key, value in changes.items():
        if key.startswith("voice."):
            voice[key.removeprefix("voice.")] = value
            values["voice"] = voice
        else:
            values[key] = value
    return values


@pytest.mark.parametrize(
    ("changes", "says", "hint"),
    [
        ({"language": "fr"}, "language: .*one of zh, en", ""),
        ({"page_port": 70000}, "page_port: 70000", ""),
        ({"log_levl": "info"}, "unknown key log_levl", "did you mean log_level?"),
        ({"language": "en", "page_port": "x"}, "page_port: expected a whole number", ""),
        ({"proxy": "http://clerk:secret@10.0.0.1:3128"}, "name and password do not belong", "by its address"),
    ],
)
def test_what_would_not_be_read_again_is_not_written(
    path: Path, changes: dict[str, str | int], says: str, hint: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(BadConfig, match=says) as refused:
        SettingsFile(path).change(changes)
    assert hint in refused.value.hint
    assert "secret" not in str(refused.value)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["agent.toml"]


def test_an_edit_by_hand_is_kept(path: Path) -> None:
    file = SettingsFile(path)
    file.change({"language": "en"})
    path.write_text(path.read_text("utf-8").replace("page_port = 8640", "page_port = 9000 # mine"), "utf-8")
    file.change({"log_level": "debug"})
    assert load(path).page_port == 9000
    assert "# mine" in path.read_text("utf-8")


def test_an_edit_in_the_very_moment_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's editor saves after we read the file and before ours takes its place."""
    fsync, edits = os.fsync, iter(("page_port = 9001", "page_port = 9002"))

    def saved_meanwhile(descriptor: int) -> None:
        fsync(descriptor)
        if (edit := next(edits, None)) is not None:
            path.write_text(f"{edit}\n", "utf-8")

    monkeypatch.setattr("agent.settings_file.os.fsync", saved_meanwhile)
    SettingsFile(path).change({"language": "en"})
    assert (load(path).page_port, load(path).language) == (9002, Language.ENGLISH)


def test_a_broken_edit_by_hand_is_named_and_left(path: Path) -> None:
    path.write_text('language = "zh', "utf-8")
    with pytest.raises(BadConfig, match=str(path)) as refused:
        SettingsFile(path).change({"language": "en"})
    assert "by hand" in refused.value.hint
    assert path.read_text("utf-8") == 'language = "zh'


def test_a_file_meant_to_be_read_only_says_so(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(NotWritable, match="read-only"):
        SettingsFile(path).change({"language": "en"})
    assert load(path).language is Language.CHINESE


def test_mode_and_owner_stay(path: Path) -> None:
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = path.stat()
    SettingsFile(path).change({"language": "en"})
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino, "written beside and renamed, never in place"


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "linked.toml"
    link.symlink_to(path)
    SettingsFile(link).change({"language": "en"})
    assert link.is_symlink()
    assert load(path).language is Language.ENGLISH


def test_two_at_once_lose_nothing(path: Path) -> None:
    file = SettingsFile(path)
    ways = [{"language": "en"}, {"log_level": "debug"}, {"page_port": 9003}]
    threads = [threading.Thread(target=file.change, args=(changes,)) for changes in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settings = load(path)
    assert (settings.language, settings.log_level, settings.page_port) == (Language.ENGLISH, LogLevel.DEBUG, 9003)
