"""Names as drugs bear them, combined from real words: what the printing benchmarks print."""

import random
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

_WORDS = Path(__file__).with_suffix(".toml").with_stem("drug_words")
_SHARES = {"generics": 55, "herbs": 30, "patents": 15}


def drug_names(count: int) -> list[str]:
    """Always the same ones."""
    chance = random.Random(20)
    words = {key: value.split() for key, value in _read().items() if isinstance(value, str)}
    kinds = chance.choices(list(_SHARES), list(_SHARES.values()), k=count)
    return [_name(kind, words, chance.choice) for kind in kinds]


def symbols() -> list[str]:
    """Lines of signs, and of characters beyond GBK."""
    listed = _read()["symbols"]
    assert isinstance(listed, list)
    return listed


def _name(kind: str, words: dict[str, list[str]], choice: Callable[[Sequence[str]], str]) -> str:
    maker = choice(words["makers"])
    match kind:
        case "generics":
            return f"{choice(words['generics'])}{choice(words['forms'])} {choice(words['strengths'])} {maker}"
        case "herbs":
            return f"{choice(words['herbs'])}（{choice(words['preparations'])}）500g/袋 {maker}"
        case _:
            return f"{choice(words['patents'])} {choice(words['strengths'])} {maker}"


def _read() -> dict[str, str | list[str]]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))
