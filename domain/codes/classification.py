"""What a scan means: a pure decision over the text a scanner read (facts/compliance.md §1, §2, §7 R1-R2).

The order of the questions is the rule. Our own codes first, then what a customer shows, then the 20 digits of a trace
code, and only then GS1: asked first, biip takes up to one in ten trace codes for a GS1 message. An AIM identifier that
announces GS1 goes before the 20 digits; what announces itself as plain Code 128 (`]C0`) is never GS1.
"""

import re
from collections.abc import Sequence

from domain.codes.barcodes import LENGTHS, product_barcode
from domain.codes.customers import customer_code
from domain.codes.gs1 import SYMBOLOGIES, gs1_code
from domain.codes.kinds import Code, MakerCode, PackCode, TraceCode, UdiCode, Unreadable, unique_part
from domain.codes.links import is_link, linked_code
from domain.codes.own import own_code
from domain.codes.texts import plain, symbology
from domain.policy import CodeLink

LONGEST = 512
"""Characters; a longer scan is no code of any kind we know."""
LONGEST_MAKER = 100
"""Characters of a code that the reporting systems take (facts/compliance.md §1.1)."""
SHORTEST_MAKER = 8

_TRACE = re.compile(r"[0-9]{20}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_GS1_BEGUN = re.compile(r"01[0-9]{14}(?:10|11|17|21|7003)", re.ASCII)
"""A GS1 message, not a sound one: never some maker's code."""
_UDI = re.compile(r"MA\.[0-9]{3}\.M0\..+", re.IGNORECASE)
_MAKER = re.compile(rf"(?=.*[0-9])[!-~]{{{SHORTEST_MAKER},{LONGEST_MAKER}}}", re.ASCII)
_CUT_LENGTHS = (19, 21, 40)
"""One digit lost, one doubled, two codes glued: never a code of another kind."""
_LIKE_A_TRACE_CODE = range(15, 46)

BROKEN = "二维码内容不完整，请重扫"
FOREIGN_LINK = "这是网址二维码，请扫描药盒上的追溯码"
INCOMPLETE = "扫码不完整，请重扫"
UNKNOWN = "不认识的码，请扫描药盒上的追溯码或商品条码"


def classify(raw: str, *, links: Sequence[CodeLink] = (), sends_separators: bool = False) -> Code:
    """Decides what one scan is. Every text has an answer; nothing is raised. `sends_separators`: this scanner is known
    to send those of GS1, so that a message without any is whole."""
    if len(raw) > LONGEST:
        return Unreadable(raw[:LONGEST], INCOMPLETE)
    text = plain(raw)
    announced = symbology(text)
    body = text.removeprefix(announced).lstrip("\x1d")
    if not body:
        return Unreadable(text, INCOMPLETE)
    if (code := own_code(body) or customer_code(body)) is not None:
        return code
    if announced in SYMBOLOGIES:
        return gs1_code(body, announced=True, sent=sends_separators) or Unreadable(body, BROKEN)
    if _TRACE.fullmatch(body):
        return TraceCode(body)
    if announced != "]C0" and (message := gs1_code(body, sent=sends_separators)) is not None:
        return message
    return _otherwise(body, links)


def as_scanned(text: str) -> str:
    """A pack's code from a file or a program, written as a scan of the same pack is kept: what tells it from every
    other. A text that is no code of a pack stays as it is."""
    code = classify(text)
    return (unique_part(code) if isinstance(code, PackCode) else None) or text.strip()


def _otherwise(text: str, links: Sequence[CodeLink]) -> Code:
    if _UDI.fullmatch(text):
        return UdiCode(text)
    if (barcode := product_barcode(text)) is not None:
        return barcode
    if is_link(text):
        return linked_code(text, links) or Unreadable(text, FOREIGN_LINK)
    return Unreadable(text, BROKEN) if _GS1_BEGUN.match(text) else _maker(text)


def _maker(text: str) -> MakerCode | Unreadable:
    """A trace code that lost, doubled or glued digits is told apart from a code nobody knows."""
    cut = f"扫码不完整（{len(text)} 位，应为 20 位），请重扫"
    if _DIGITS.fullmatch(text):
        if len(text) in LENGTHS:
            return Unreadable(text, "商品条码校验不对，请重扫")
        if text.startswith("8") or len(text) in _CUT_LENGTHS:
            return Unreadable(text, cut)
    if _MAKER.fullmatch(text):
        return MakerCode(text, cut if text.isdigit() and len(text) in _LIKE_A_TRACE_CODE else "")
    return Unreadable(text, UNKNOWN)
