"""A prepared file becomes settings and a pairing, whole or not at all, and never over what is there."""

import os
import stat
from pathlib import Path

import pytest

from agent import config
from agent.cli import main
from agent.config import BadConfig, SecretsPlace
from agent.configuring import CannotConfigure, configure, read_pairing
from agent.system import places

STORE_TOML = """\
# 和平路店, prepared by headquarters
page_port = 8641
secrets = "file"   # a service has no keyring

[pairing]
hub = "https://hub.example.com/"
code = "abcd-0123-efgh-4567"

[[printers]]
name = "前台"
address = "tcp://192.168.1.50:9100"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "store.toml"
    path.write_text(STORE_TOML, encoding="utf-8")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "agent.toml"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_settings_and_pairing_go_apart(source: Path, target: Path) -> None:
    assert main(["--config", str(target), "configure", "--from", str(source)]) == 0
    settings = config.load(target)
    assert (settings.page_port, settings.printers[0].name) == (8641, "前台")
    text = target.read_text(encoding="utf-8")
    assert "# a service has no keyring" in text and "prepared by headquarters" in text
    assert "pairing" not in text and "abcd" not in text
    pairing = target.with_name("pairing.toml")
    prepared = read_pairing(pairing)
    assert prepared is not None
    assert (prepared.hub, prepared.code) == ("https://hub.example.com", "ABCD0123EFGH4567")
    assert (mode(pairing), mode(target)) == (0o600, 0o644)


def test_again_changes_nothing(source: Path, target: Path) -> None:
    configure(source, target)
    before = {path.name: path.stat().st_mtime_ns for path in target.parent.iterdir()}
    done = configure(source, target)
    assert not done.settings and not done.pairing
    assert {path.name: path.stat().st_mtime_ns for path in target.parent.iterdir()} == before


def test_settings_that_are_there_stay_unless_told(source: Path, target: Path) -> None:
    target.parent.mkdir()
    target.write_text('language = "en"\n', encoding="utf-8")
    assert not configure(source, target).settings
    assert config.load(target).language == "en"
    assert configure(source, target, replace=True).settings
    assert config.load(target).page_port == 8641


def test_without_a_pairing_there_is_none(source: Path, target: Path) -> None:
    source.write_text("page_port = 8650\n", encoding="utf-8")
    configure(source, target)
    assert not target.with_name("pairing.toml").exists()


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("page_prot = 1", "unknown key page_prot", "page_port"),
        ('[pairing]\nhub = "https://x"\ncod = "abcd"', "unknown key pairing.cod", "pairing.code"),
        ('[pairing]\nhub = "https://x"', "pairing: missing its key `code`", ""),
        ('[pairing]\nhub = "hub"\ncode = "abcd"', "pairing: not a hub's address", "https://"),
        ('[pairing]\nhub = "https://x"\ncode = "???"', "pairing: not a pairing code", "16 letters"),
        ("[pairing", "cannot be read", ""),
        ("pairing = 3", "pairing: expected a table", ""),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    source: Path, target: Path, line: str, said: str, hint: str
) -> None:
    source.write_text(line, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        configure(source, target)
    assert str(source) in str(caught.value) and said in str(caught.value)
    assert hint in caught.value.hint
    assert not target.parent.exists()


def test_a_crash_between_the_two_is_mended_by_running_it_again(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    real = Path.replace

    def once(self: Path, to: Path) -> Path:
        if to == target:
            raise PowerCut
        return real(self, to)

    monkeypatch.setattr(Path, "replace", once)
    with pytest.raises(PowerCut):
        configure(source, target)
    assert not target.exists()  # so that the installer's next try does all of it
    monkeypatch.undo()
    configure(source, target)
    assert config.load(target).page_port == 8641
    assert sorted(path.name for path in target.parent.iterdir()) == ["agent.toml", "pairing.toml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_gives_the_files_to_the_services_account(source: Path, target: Path) -> None:
    configure(source, target, owner="nobody")
    assert {path.owner() for path in target.parent.iterdir()} == {"nobody"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_folder_of_the_service_makes_the_files_its_own(source: Path, target: Path) -> None:
    target.parent.mkdir()
    os.chown(target.parent, 65534, 65534)
    configure(source, target)
    assert {path.stat().st_uid for path in target.parent.iterdir()} == {65534}


def test_an_account_that_is_not_there_is_told(source: Path, target: Path) -> None:
    with pytest.raises(CannotConfigure, match="nobody-of-this-name"):
        configure(source, target, owner="nobody-of-this-name")
    assert list(target.parent.iterdir()) == []


def test_the_installed_service_gets_what_it_needs_here(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file prepared for any system says neither where Linux keeps state nor that a service has no keyring."""
    monkeypatch.setattr(places, "default_config", lambda: target)
    source.write_text(STORE_TOML.replace('secrets = "file"', ""), encoding="utf-8")
    configure(source, target)
    settings = config.load(target)
    assert (settings.data, settings.secrets) == ("/var/lib/yaolink-agent", SecretsPlace.FILE)
    assert (settings.page_port, settings.printers[0].name) == (8641, "前台")


def test_what_the_file_says_of_its_places_holds(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "default_config", lambda: target)
    source.write_text('data = "/srv/yaolink"\nsecrets = "keyring"\n', encoding="utf-8")
    configure(source, target)
    settings = config.load(target)
    assert (settings.data, settings.secrets) == ("/srv/yaolink", SecretsPlace.KEYRING)
