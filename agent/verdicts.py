"""One verdict as the page hears it, in both languages, wherever the scan came from."""

import msgspec

from agent.config import Language
from agent.errors import AgentError
from agent.judging import Scanned
from agent.pages.words import Words
from agent.picking.cards import Did
from domain.codes import (
    BadgeCode,
    Code,
    CommandCode,
    Gs1Code,
    InsuranceCode,
    MakerCode,
    PaymentCode,
    ShelfCode,
    TestCode,
    UdiCode,
    Unreadable,
)
from domain.rules import Ask, Verdict

_ENGLISH = Words(Language.ENGLISH)


class Told(msgspec.Struct, frozen=True):
    """`device` is the station of a page, or the scanner. `code` is what was read, as far as it means something: of a
    shelf's code its name, of a badge its owner's. `did` is what changed, `ask` what a person must still say."""

    device: str
    good: bool
    rule: str
    sentence: str
    english: str
    code: str
    order_id: str | None
    line_id: int | None
    did: Did = Did.NOTHING
    ask: Ask | None = None
    warning: str = ""
    scan_id: int | None = None
    """Grows from scan to scan; a page that missed a verdict finds it by this. None where no row was kept."""


def not_kept(error: AgentError, device: str) -> Told:
    """A scan that could not be written down never counts."""
    sentence, english = f"没有记录，请重扫：{error}", f"Not kept, scan again: {error}"
    return Told(device, False, "not-kept", sentence, english, "", None, None)


def told(scanned: Scanned, device: str) -> Told:
    said = told_verdict(scanned.verdict, device, scanned.order_id)
    code = scanned.said or _read(scanned.code)
    return msgspec.structs.replace(said, code=code, did=scanned.did, scan_id=scanned.scan_id)


def told_verdict(verdict: Verdict, device: str, order_id: str | None) -> Told:
    return Told(
        device=device,
        good=verdict.good,
        rule=verdict.rule,
        sentence=verdict.sentence,
        english=verdict.english or _ENGLISH("opened" if verdict.good else f"rule.{verdict.rule}"),
        code="",
        order_id=order_id,
        line_id=verdict.line_id,
        ask=verdict.ask,
        warning=verdict.warning,
    )


def _read(code: Code) -> str:
    match code:
        case PaymentCode() | InsuranceCode() | BadgeCode() | CommandCode() | TestCode():
            return ""
        case Unreadable() | UdiCode() | MakerCode():
            return code.text
        case ShelfCode():
            return code.shelf
        case Gs1Code():
            return code.code or code.gtin
        case _:
            return code.code
