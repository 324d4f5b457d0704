"""What a rule answers: to one scan, to one step, to one order."""

from enum import StrEnum

import msgspec

from domain.rules.ids import Rule


class Ask(StrEnum):
    """What a person must still say."""

    LOT = "lot"
    """Which lot is printed on the pack: one key says that it is the proposed one, or it is typed. The pack lies on
    its line without a lot until then, and the pick cannot be packed."""
    PRODUCT = "product"
    """Which product the unknown prefix is: the pack's 69-code, or a second person. The pack does not count yet."""
    CODE_AGAIN = "code_again"
    """The code typed by hand, once more. The pack does not count yet."""
    REASON = "reason"
    """Why it is taken without a code. The pack does not count yet."""


class Verdict(msgspec.Struct, frozen=True):
    """The answer to one scan, committed before the beep. `warning` and `english` are sentences, too."""

    rule: Rule
    sentence: str
    line_id: int | None = None
    ask: Ask | None = None
    warning: str = ""
    english: str = ""

    @property
    def good(self) -> bool:
        return self.rule in (Rule.TAKEN, Rule.TAKEN_BACK, Rule.LOT_SAID, Rule.RECEIVED)


class Obstacle(msgspec.Struct, frozen=True):
    """Why a step may not be taken now. `line_ids` are the lines it is about, where it is about lines."""

    rule: Rule
    sentence: str
    line_ids: tuple[int, ...] = ()
    ask: Ask | None = None
    english: str = ""


class Gate(msgspec.Struct, frozen=True):
    """Whether anything of an order may be picked as far as its prescription goes (`domain.rules.gate`)."""

    rule: Rule = Rule.TAKEN
    sentence: str = ""
    english: str = ""

    @property
    def open(self) -> bool:
        return self.rule is Rule.TAKEN


OPEN = Gate()
