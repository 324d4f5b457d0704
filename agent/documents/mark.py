"""What a slip says above everything else: that no customer waits for it (练习 training, 试运行 on trial), and that the
same paper may lie somewhere already (补打)."""

from collections.abc import Iterator

from agent.store import Identity
from domain.modes import Mode
from drivers.printers.document import Block, Text

TRAINING, TRIAL = "练习", "试运行"


def mark_of(identity: Identity) -> str:
    """Empty for a slip that counts."""
    if identity.training:
        return TRAINING
    return TRIAL if identity.mode is Mode.SHADOW else ""


def heading(mark: str, copy: int) -> Iterator[Block]:
    """Read across the counter, so that nobody packs for it and gives it to a rider, or packs twice."""
    if mark:
        yield Text(f"【{mark}】", width=3, height=4, bold=True, align="center")
    if copy:
        yield Text(f"补打 第{copy}次", width=2, height=3, bold=True, align="center")
