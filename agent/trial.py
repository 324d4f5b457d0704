"""On trial (试运行): what a channel would be told of is done in the system that the store really works with."""

from agent import store
from agent.errors import NotNow
from agent.transactions import Reading
from domain.modes import Mode

ELSEWHERE = "试运行：请在原系统处理"


def refuse_on_trial(reading: Reading) -> None:
    """Raises NotNow."""
    if store.identity(reading).mode is Mode.SHADOW:
        raise NotNow(ELSEWHERE)
