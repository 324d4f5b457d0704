"""How values are written on the wire. Money is fen in here and yuan out there."""

import json
from collections.abc import Mapping

Fields = dict[str, object]


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def yuan(fen: int) -> float:
    return fen / 100


def form(fields: Mapping[str, object]) -> dict[str, str]:
    """In a push every value is text, and lists and objects are JSON text."""
    return {name: _text(value) for name, value in fields.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return json_text(value)
    return str(value)
