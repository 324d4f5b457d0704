"""What a slip says above everything else when no customer waits for it: 练习 (training), 试运行 (on trial)."""

from collections.abc import Iterator

from agent.store import Identity
from drivers.printers.document import Block, Text

TRAINING = "练习"


def mark_of(identity: Identity) -> str:
    """Empty for a slip that counts."""
    return TRAINING if identity.training else ""


def heading(mark: str) -> Iterator[Block]:
    """Read across the counter, so that nobody packs for it and gives it to a rider."""
    if mark:
        yield Text(f"【{mark}】", width=3, height=4, bold=True, align="center")
