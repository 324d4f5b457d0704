"""The rules of picking: pure, each with an id, a sentence in both languages and a source (`book`).

`judge` answers one scan, the `may_…` functions one step; `take` puts a good pack to its line.
"""

from domain.rules.answers import OPEN, Ask, Gate, Obstacle, Verdict
from domain.rules.book import RULES
from domain.rules.case import Case, Known, Level, Sale, Terms
from domain.rules.ids import Rule
from domain.rules.judging import bind, judge, take
from domain.rules.learning import may_learn
from domain.rules.moving import may_move
from domain.rules.naming import may_name_lot
from domain.rules.packing import check_wanted, may_check, may_hand_over, may_pack
from domain.rules.prescribing import Reviewed, gate
from domain.rules.proposing import proposal
from domain.rules.receiving import Arrival, KnownPack, may_arrive, may_receive, odd_dates
from domain.rules.returning import may_return
from domain.rules.shortages import may_report_short, may_substitute, may_waive
from domain.rules.starting import may_give_back, may_start, may_take_over
from domain.rules.version import VERSION

__all__ = [
    "OPEN",
    "RULES",
    "VERSION",
    "Arrival",
    "Ask",
    "Case",
    "Gate",
    "Known",
    "KnownPack",
    "Level",
    "Obstacle",
    "Reviewed",
    "Rule",
    "Sale",
    "Terms",
    "Verdict",
    "bind",
    "check_wanted",
    "gate",
    "judge",
    "may_arrive",
    "may_check",
    "may_give_back",
    "may_hand_over",
    "may_learn",
    "may_move",
    "may_name_lot",
    "may_pack",
    "may_receive",
    "may_report_short",
    "may_return",
    "may_start",
    "may_substitute",
    "may_take_over",
    "may_waive",
    "odd_dates",
    "proposal",
    "take",
]
