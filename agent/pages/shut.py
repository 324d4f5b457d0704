"""The page for somebody who was not let in: why, and what to do. It needs no style sheet, which it could not fetch."""

import base64
import hashlib
import re
from importlib.resources import files

import jinja2

from agent.config import Language
from agent.pages.words import KEYS, Words

_SOURCE = (files(__package__) / "shut.html").read_text("utf-8")
_TEMPLATE = jinja2.Template(_SOURCE, autoescape=True, undefined=jinja2.StrictUndefined)
_STYLE = re.search(r"<style>(.*?)</style>", _SOURCE, re.DOTALL)
_HASH = base64.b64encode(hashlib.sha256((_STYLE[1] if _STYLE else "").encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'".encode()
)


def page(error: str) -> bytes:
    """Both languages: nobody is signed in, so nobody has chosen one."""
    known = error if f"shut.{error}" in KEYS else "otherwise"
    languages = [Words(language) for language in (Language.CHINESE, Language.ENGLISH)]
    text: str = _TEMPLATE.render(languages=languages, error=known)
    return text.encode()
