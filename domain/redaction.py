"""A net under every log and bundle: what may identify a person or open a door is replaced before it is written.

Nothing of ours writes such things in the first place; this catches what slips through, a library that quotes
its input in an error for one. It knows shapes, not names: a name has none, so names must never be logged at all.
Redacting twice gives the same text.
"""

import re

_PARAMETER = (
    r"token|link|code|credential|secret|password|passwd|pwd|sig|sign|signature|app_secret|api_key|access_token|session"
)
_NOT_WITHIN = r"(?<![0-9A-Za-z])"
_NOT_BEFORE = r"(?![0-9A-Za-z])"

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # scheme://user:password@host
    (re.compile(r"(?<=://)[^/\s@]+@"), "[removed]@"),
    (re.compile(r"(?ai)\b(bearer|basic)\s+[^\s,;\"']+"), r"\1 [removed]"),
    # token=…, "credential": "…"; short values (exit code: 1) say nothing that must be hidden
    (re.compile(rf"(?ai)\b({_PARAMETER})(\"?\s*[:=]\s*[\"']?)(?!\[)[^\s\"'&,;}})\]]{{8,}}"), r"\1\2[removed]"),
    # Pairing codes, as they are shown and as they are sent
    (re.compile(r"(?ai)(?<![\w-])[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}(?![\w-])"), "[pairing code]"),
    (re.compile(r"(?a)(?<![\w-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[0-9A-HJKMNP-TV-Z]{16}(?![\w-])"), "[pairing code]"),
    # Random words: credentials (base 32), tokens (base 64), keys (hexadecimal); not the last part of a path
    (re.compile(r"(?a)(?<![\w./-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[0-9A-HJKMNP-TV-Z]{24,}(?![\w-])"), "[secret]"),
    (
        re.compile(r"(?a)(?<![\w./-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?:(?=[\w-]*[0-9])[\w-]{30,}|[\w-]{40,})(?![\w-])"),
        "[secret]",
    ),
    (re.compile(r"(?a)(?<![\w./-])[0-9a-f]{40,}(?![\w-])"), "[secret]"),
    # Identity cards: region, birthday, serial, check character
    (
        re.compile(
            rf"(?a){_NOT_WITHIN}[1-9]\d{{5}}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}[\dXx]{_NOT_BEFORE}"
        ),
        "[identity]",
    ),
    # 医保电子凭证, then WeChat and Alipay payment codes (domain/codes/customers.py)
    (re.compile(rf"(?ai){_NOT_WITHIN}(?:(?:424|opc)\d{{25}}|(?!01|8)\d{{28}}){_NOT_BEFORE}"), "[insurance code]"),
    (re.compile(rf"(?a){_NOT_WITHIN}(?:1[0-5]\d{{16}}|(?:2[5-9]|30)\d{{14,22}}){_NOT_BEFORE}"), "[payment code]"),
    # Mobile numbers, spread out or not, with a platform's extension or not; then land lines
    (
        re.compile(rf"(?a){_NOT_WITHIN}(?:\+?86[ -]?)?1[ -]?[3-9](?:[ -]?\d){{9}}(?:[_,转]\d{{1,6}})?{_NOT_BEFORE}"),
        "[phone]",
    ),
    (re.compile(rf"(?a){_NOT_WITHIN}0\d{{2,3}}-\d{{7,8}}{_NOT_BEFORE}"), "[phone]"),
)
_MAY_HOLD = re.compile(r"\d{4}|\d[ -]\d|://|[:=]|(?i:bearer|basic)|[\w-]{16}")
"""What every shape has something of; most lines of a log have none and are done at once."""


def redacted(text: str) -> str:
    if not _MAY_HOLD.search(text):
        return text
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text
