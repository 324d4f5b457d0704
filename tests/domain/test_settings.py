"""Settings refuse what they do not know, and say what they expect."""

from enum import StrEnum
from typing import Literal

import msgspec
import pytest

from domain.settings import BadSetting, read


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Entry(msgspec.Struct, frozen=True):
    name: str
    width: Literal[58, 80] = 80


class Inner(msgspec.Struct, frozen=True):
    app_id: str = ""


class Settings(msgspec.Struct, frozen=True):
    port: int = 1
    colour: Colour = Colour.RED
    inner: Inner | None = None
    entries: tuple[Entry, ...] = ()


def test_what_is_right_is_read() -> None:
    values = {"port": 2, "colour": "blue", "inner": {"app_id": "4"}, "entries": [{"name": "a"}]}
    assert read(values, Settings) == Settings(2, Colour.BLUE, Inner("4"), (Entry("a"),))


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"prot": 1}, "unknown key prot", "did you mean port?"),
        ({"inner": {"appid": "4"}}, "unknown key inner.appid", "did you mean inner.app_id?"),
        ({"entries": [{"name": "a"}, {"nmae": "b"}]}, "unknown key entries.nmae", "did you mean entries.name?"),
        ({"port": "1"}, "port: expected a whole number, got", ""),
        ({"colour": "green"}, "colour: invalid enum value 'green' (one of red, blue)", ""),
        ({"entries": [{"name": "a", "width": 60}]}, "(one of 58, 80)", ""),
        ({"entries": [{}]}, "entries[0]: missing its key `name`", ""),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read(values, Settings)
    assert message in str(refusal.value)
    assert refusal.value.hint == hint
