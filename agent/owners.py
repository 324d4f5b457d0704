"""Whose book a duty is (design.md §8). What the ERP owns is done there and handed over here: doing it twice oversells,
and two reported sales of one code read as fraud."""

from agent import policy
from agent.errors import NotNow
from agent.transactions import Reading
from domain.policy import Duty, Owner

WORDS = {
    Duty.RECEIVING: "入库在 ERP 办理",
    Duty.LOT_STOCK: "批号库存在 ERP 管理",
    Duty.CODE_REPORTING: "追溯码由 ERP 上报",
}


class NotOurs(NotNow):
    """The chain's ERP does this."""


def ours(reading: Reading, duty: Duty) -> bool:
    return policy.in_force(reading).owner(duty) is Owner.YAOLINK


def require(reading: Reading, duty: Duty) -> None:
    """Raises NotOurs."""
    if not ours(reading, duty):
        raise NotOurs(WORDS[duty], hint="由总部规定（owners）；此处可导入供应商清单供核对批号，不影响库存")
