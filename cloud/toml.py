"""Text as TOML writes it."""

import json


def quoted(text: str) -> str:
    """A JSON string without escapes beyond ASCII is a TOML string too."""
    return json.dumps(text, ensure_ascii=False)
