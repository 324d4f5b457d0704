"""The words of the page in one language (`words.toml`)."""

import tomllib
from importlib.resources import files

from agent.config import Language

_WORDS: dict[str, tuple[str, str]] = {
    key: (chinese, english)
    for key, (chinese, english) in tomllib.loads((files(__package__) / "words.toml").read_text("utf-8")).items()
}
KEYS = frozenset(_WORDS)


class Words:
    """One language. A key that is missing is a mistake of ours and raises."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._place = 0 if language is Language.CHINESE else 1

    def __call__(self, key: str) -> str:
        return _WORDS[key][self._place]

    def cause(self, cause: str) -> str:
        """Why a device or a slip waits; what no word is known for is shown as it came."""
        known = _WORDS.get(f"cause.{cause}")
        return known[self._place] if known else cause

    def known(self, key: str, otherwise: str) -> str:
        return _WORDS[key][self._place] if key in _WORDS else otherwise

    def todo(self, cause: str) -> str:
        """What somebody in the store does about it; empty where nothing is to be done, or nothing is known."""
        known = _WORDS.get(f"todo.{cause}")
        return known[self._place] if known else ""
