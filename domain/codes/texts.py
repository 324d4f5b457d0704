"""What a scanner sent, made plain before it is judged: endings, marks and the traces of an input method
(facts/compliance.md §7 R1, §3.3). The raw bytes are kept elsewhere; nothing here is stored."""

import re
import unicodedata

GROUP_SEPARATOR = "\x1d"
_ENDINGS = "\r\n\t "
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f\x00")
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_FULL_WIDTH = re.compile("[\u3000-\u3002\uff01-\uff5e\u2018\u2019\u201c\u201d\u2026\u2014\xb7\uffe5]")
# What a Chinese input method makes of keys that NFKC does not turn back.
_PUNCTUATION = str.maketrans("\u3000\u3001\u3002\u2018\u2019\u201c\u201d\u2014\xb7\uffe5", " \\.''\"\"_`$")


def plain(raw: str) -> str:
    """Without endings, marks and leading separators; full-width digits, letters and punctuation as typed."""
    text = raw.translate(_INVISIBLE).strip(_ENDINGS)
    if _FULL_WIDTH.search(text):
        text = unicodedata.normalize("NFKC", text.translate(_PUNCTUATION)).strip(_ENDINGS)
    return text.lstrip(GROUP_SEPARATOR + _ENDINGS)


def meddled(raw: str) -> bool:
    """True where an input method turned the scanner's keys into Chinese ones: it may have swallowed others."""
    return _FULL_WIDTH.search(raw) is not None


def symbology(text: str) -> str:
    """The AIM identifier (`]d2`) that some scanners send first, or nothing."""
    return text[:3] if _SYMBOLOGY.match(text) else ""
