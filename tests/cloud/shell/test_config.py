"""The config file: what is wrong is said with the key and what to write instead."""

from pathlib import Path

import pytest

from cloud.config import BadConfig, load, parse


def test_the_example_that_ships_is_the_defaults() -> None:
    example = Path(__file__).parents[3] / "cloud" / "hub.toml"
    assert load(example) == parse({"data": str(example.parent / "data")})


def test_a_relative_folder_is_meant_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text('data = "d"\n', encoding="utf-8")
    assert load(path).database_url == f"sqlite:///{tmp_path / 'd' / 'hub.db'}"


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"pubic_url": "x"}, "unknown key pubic_url", "public_url"),
        ({"channels": {"meituan": {"app": "1"}}}, "unknown key channels.meituan.app", "channels.meituan.app_id"),
        ({"channels": {"meitaun": {}}}, "unknown key channels.meitaun", "channels.meituan"),
        ({"port": "80"}, "port: expected a whole number, got a text", ""),
        ({"port": 70000}, "port: 70000", ""),
        ({"database": "postgresql+psycopg://y:secret@db/y"}, "database: a password does not belong", "pgpass"),
        ({"public_url": "hub.example.com"}, "public_url", ""),
        ({"sweep_every_seconds": 0}, "sweep_every_seconds", ""),
        ({"channels": {"meituan": {}}}, "app_id", ""),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(BadConfig, match=message) as raised:
        parse(values)
    assert "secret" not in str(raised.value)
    assert hint in raised.value.hint


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes(content)
    with pytest.raises(BadConfig, match=r"hub\.toml"):
        load(path)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as raised:
        load(tmp_path / "hub.toml")
    assert "init" in raised.value.hint
