"""What a check says: one sentence on what is, one on what to do, both in Chinese and English (`words.toml`).

An outcome is named CHECK.OUTCOME; how bad it is stands with its words, so that the file is the whole list of what the
doctor can say.
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files

import msgspec

from agent.config import Language
from agent.pages.words import Words


class Level(StrEnum):
    OK = "ok"
    LOOK = "look"
    """Work goes on; a person should look."""
    BAD = "bad"
    """Something does not work."""


EXIT_CODES = {Level.OK: 0, Level.LOOK: 1, Level.BAD: 2}
_BETTER_FIRST = tuple(Level)


class Said(msgspec.Struct, frozen=True):
    zh: str
    en: str

    def by(self, language: Language) -> str:
        return self.zh if language is Language.CHINESE else self.en


NOTHING = Said("", "")


class Finding(msgspec.Struct, frozen=True):
    """`check` is what was looked at, `id` what was found: a script may rely on both. `detail` is technical, English."""

    id: str
    check: str
    level: Level
    what: Said
    do: Said = NOTHING
    detail: str = ""


class _Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: Level
    what: tuple[str, str]
    do: tuple[str, str] = ("", "")


OUTCOMES: dict[str, _Outcome] = {
    f"{check}.{name}": msgspec.convert(outcome, _Outcome)
    for check, outcomes in tomllib.loads((files(__package__) / "words.toml").read_text("utf-8")).items()
    for name, outcome in outcomes.items()
}
_CHINESE, _ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)


def found(id: str, *, detail: str = "", **values: object) -> Finding:
    """`values` fill the sentences; a `Said` among them is taken in each language."""
    outcome = OUTCOMES[id]
    chinese, english = _values(values, Language.CHINESE), _values(values, Language.ENGLISH)
    what, do = outcome.what, outcome.do
    return Finding(
        id=id,
        check=id.partition(".")[0],
        level=outcome.level,
        what=Said(what[0].format(**chinese), what[1].format(**english)),
        do=Said(do[0].format(**chinese), do[1].format(**english)),
        detail=detail,
    )


def cause(name: str) -> Said:
    """Why a device is blocked, as the pages say it."""
    return Said(_CHINESE.cause(name), _ENGLISH.cause(name))


def worst(findings: Iterable[Finding]) -> Level:
    return max((finding.level for finding in findings), key=_BETTER_FIRST.index, default=Level.OK)


def _values(values: dict[str, object], language: Language) -> dict[str, object]:
    return {name: value.by(language) if isinstance(value, Said) else value for name, value in values.items()}
