import tomllib
from pathlib import Path

import pytest

import agent
from agent.config import BadConfig, Language, SecretsPlace, Settings, load, parse

SHIPPED = Path(agent.__file__).parent / "agent.toml"

_AT = """
[[printers]]
name = "前台"
address = "tcp://10.0.0.5:9100"
[[printers]]
name = "收银"
address = "{}"
"""
_TWO = _AT.format("tcp://10.0.0.6") + "{}"
_NAME = '[[printers]]\nname = "{}"\naddress = "tcp://10.0.0.5"'
_BY_ADDRESS = "let the proxy admit this computer by its address; one that asks for a password cannot be used"
_BY_CONFIGURE = "`yaolink-agent configure --from` takes it out"


def test_the_example_that_ships_holds_every_default() -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert parse(shipped) == Settings()
    without_default, by_system = {"proxy", "ca_file", "printers", "scanners", "erp"}, {"data", "secrets"}
    assert set(shipped) == set(Settings.__struct_fields__) - without_default - by_system


def test_the_example_with_every_comment_taken_off_is_good() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    settings = [line.removeprefix("# ") for line in lines if " = " in line or line.startswith(("[", "# ["))]
    second = '[[printers]]\nname = "收银"\naddress = "tcp://192.168.1.51:9100"'
    full = parse(tomllib.loads("\n".join([*settings, second])))
    assert full.printers[0].paper == 80 and full.printers[0].backup and full.scanners and full.proxy and full.ca_file
    assert full.erp.api and full.erp.mapping and full.erp.folder and full.erp.sql
    assert (full.data, full.secrets) == (Settings().data, Settings().secrets)


def test_paths_are_meant_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text('data = "store"\nca_file = "ca.pem"\nlanguage = "en"\nsecrets = "file"\n')
    settings = load(tmp_path / "agent.toml")
    assert settings.folder == tmp_path / "store"
    assert settings.ca_file == str(tmp_path / "ca.pem")
    assert (settings.language, settings.secrets) == (Language.ENGLISH, SecretsPlace.FILE)


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("page_prot = 1", "unknown key page_prot", "did you mean page_port?"),
        ('[[printers]]\nname = "a"\nadress = "b"', "unknown key printers.adress", "did you mean printers.address?"),
        ('page_port = "8640"', "page_port: expected a whole number, got a text in quotes", ""),
        ("page_port = 70000", "page_port: 70000 is not between 0 and 65535", ""),
        ('language = "fr"', "language: .*one of zh, en", ""),
        ('secrets = "vault"', "secrets: .*one of keyring, file", ""),
        ('[[printers]]\nname = "a"\naddress = "b"\npaper = 76', r"printers\[0\].paper: .*one of 58, 80", ""),
        ('[[printers]]\nname = "a"', r"printers\[0\]: missing its key `address`", ""),
        (_TWO.format('prints = ["pikking"]'), r"printers\[1\].prints\[0\]: .*one of picking", "did you mean picking?"),
        (_TWO.format('use = "our"'), r"printers\[1\].use: .*one of shared, ours", "did you mean ours?"),
        (_TWO.format('backup = "前抬"'), "printers.backup: there is no printer '前抬'", "did you mean 前台?"),
        (_TWO.format('backup = "收银"'), "printers.backup: '收银' cannot stand in for itself", ""),
        (_TWO.format("paper = 58\ncolumns = 48"), "printers.columns: 48 do not fit 58 mm", "32 do; leave it out"),
        (_TWO.format("columns = 32"), "printers.columns: 32 do not fit 80 mm", "48 or 42 do"),
        (_TWO.format("columns = 40"), r"printers\[1\].columns: .*one of 32, 42, 48", ""),
        (_AT.format("tcp://10.0.0.5"), "printers.address: '前台' and '收银' are both at", "one table for each"),
        (_AT.format("tcp://10.0.0.5:9100/"), "printers.address: '前台' and '收银' are both at", "one table for each"),
        (_NAME.format("a/b"), "printers.name: 'a/b' cannot be a name", "no slash"),
        (_NAME.format(".."), "printers.name: '..' cannot be a name", "no slash"),
        (_NAME.format(" a"), "printers.name: ' a' cannot be a name", "no blanks at its ends"),
        (_NAME.format(""), "printers.name: '' cannot be a name", "1 to 40 characters"),
        ('proxy = "squid:3128"', "proxy: 'squid:3128' is no address", ""),
        ('[[scanners]]\npath = "/a"\n[[scanners]]\npath = "/a"', "scanners.path: '/a' is there twice", ""),
        ("[voice]\nvolum = 3", "unknown key voice.volum", "did you mean voice.volume?"),
        ("[voice]\nvolume = 101", "voice.volume: 101 is not between 0 and 100", ""),
        ("[voice]\nrepeat_seconds = 1", "voice.repeat_seconds: 1 is not between 5 and 600", ""),
        ('[voice]\nplayer = "radio"', "voice.player: .*one of auto, service, tray, page, off", ""),
        ('[voice]\nquiet = ["10pm"]', "voice.quiet: '10pm' is no span", 'write it as "22:00-07:00"'),
        ("data = ", "cannot be read", ""),
        ('proxy = "http://clerk:pw@10.0.0.1:3128"', "proxy: a name and password do not belong", _BY_ADDRESS),
        ('[pairing]\nhub = "https://h"\ncode = "X"', r"\[pairing\] does not belong", _BY_CONFIGURE),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str, hint: str) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    with pytest.raises(BadConfig, match=says) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert hint in caught.value.hint and bool(hint) is bool(caught.value.hint)


def test_the_mark_of_windows_older_editor_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_bytes("\ufeffpage_port = 8641\r\n".encode())
    assert load(path).page_port == 8641


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="there is no config file") as caught:
        load(tmp_path / "agent.toml")
    assert caught.value.hint


def test_two_printers_may_stand_in_for_each_other() -> None:
    text = _TWO.format('backup = "前台"').replace('5:9100"', '5:9100"\nbackup = "收银"')
    assert [printer.backup for printer in parse(tomllib.loads(text)).printers] == ["收银", "前台"]
