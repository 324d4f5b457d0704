"""Why a step may not be now, as errors of the core and as what a scanner's user hears."""

from collections.abc import Sequence

from agent.errors import NotNow, NotSignedIn, WorkRefused
from domain.rules import Obstacle, Rule, Verdict, book


class HeldElsewhere(NotNow):
    """Another station picks it; `hint` says that it can be taken over."""


class Forbidden(NotNow):
    """Rules stand in the way; all of them are told."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__("；".join(dict.fromkeys(each.sentence for each in obstacles)))
        self.obstacles = tuple(obstacles)


def verdict_of(error: WorkRefused) -> Verdict:
    """The same as the answer to a scan."""
    match error:
        case Forbidden():
            first = error.obstacles[0]
            english = "; ".join(dict.fromkeys(each.english for each in error.obstacles))
            return Verdict(
                first.rule, str(error), first.line_ids[0] if first.line_ids else None, first.ask, "", english
            )
        case HeldElsewhere():
            return Verdict(Rule.HELD, str(error), english=book.RULES[Rule.HELD].english)
        case NotSignedIn():
            return book.verdict(Rule.SIGN_IN)
        case _:
            return Verdict(Rule.NOT_PICKING, str(error))
