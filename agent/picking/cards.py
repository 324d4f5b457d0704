"""Our own codes: slips, shelves, badges and command cards. What they do instead of a key."""

from dataclasses import dataclass
from enum import StrEnum

from agent import completing, names, orders, picks, slips
from agent.catalogue import Lookup
from agent.errors import WorkRefused
from agent.picking import checking, desks, holding, next_order, steps
from agent.picking.refusals import verdict_of
from agent.staff import colleagues, stations
from agent.transactions import Transaction
from domain.codes import BadgeCode, Command, CommandCode, OrderCode, OwnCode, ShelfCode
from domain.picks import PickState
from domain.quantity import shown
from domain.rules import Rule, Verdict, book
from domain.staff import Actor


class Did(StrEnum):
    """What a scan changed."""

    NOTHING = ""
    TAKEN = "taken"
    """A pack lies on its line."""
    PACKED = "packed"
    """The same, and it was the last one; or the check was the last thing wanted."""
    OPENED = "opened"
    SHELF = "shelf"
    """The page shows the lines of that shelf."""
    UNDONE = "undone"
    HANDED_OVER = "handed_over"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class Done:
    verdict: Verdict
    order_id: str | None
    did: Did = Did.NOTHING
    said: str = ""
    staff_id: str = ""


def badge(tx: Transaction, code: BadgeCode, actor: Actor, lookup: Lookup, order_id: str | None) -> Done:
    """Signs its owner in; but where all that an order still wants is a second person, it is their word for it."""
    staff = colleagues.by_badge(tx, code.code)
    if staff is None:
        return Done(_no("工牌无效，请用本店的工牌", "Nobody here has this badge: use your own"), None)
    checker = Actor(actor.station, staff.staff_id, staff.name, staff.roles)
    at_hand = order_id or desks.at(tx, actor.station)
    if at_hand is not None and checking.may_be_checked_by(tx, at_hand, checker, lookup):
        completing.complete(tx, at_hand, lookup, actor, checker)
        done = _yes(f"{staff.name} 已复核，本单拣货完成", "Checked; the order is packed")
        return Done(done, at_hand, Did.PACKED, staff.name, staff.staff_id)
    stations.sign_in(tx, staff, actor.station)
    return Done(_yes(f"{staff.name} 已登录", "Signed in"), None, Did.SIGNED_IN, staff.name, staff.staff_id)


def play(tx: Transaction, code: OwnCode, actor: Actor, lookup: Lookup, order_id: str | None) -> Done:
    """Every other card. What may not be now changes nothing and is said."""
    at_hand = order_id or desks.at(tx, actor.station)
    try:
        with tx.savepoint():
            match code:
                case OrderCode():
                    return _open(tx, code, actor, lookup)
                case ShelfCode():
                    return _shelf(tx, code, at_hand)
                case CommandCode(command=Command.NEXT):
                    return _next(tx, actor, lookup)
                case CommandCode(command=Command.OUT):
                    stations.sign_out(tx, actor.station)
                    return Done(_yes("已退出登录", "Signed out"), None, Did.SIGNED_OUT)
                case CommandCode(command=command) if at_hand is not None:
                    return _at_order(tx, command, at_hand, actor, lookup)
                case _:
                    return Done(book.verdict(Rule.NOT_PICKING), None)
    except WorkRefused as refusal:
        return Done(verdict_of(refusal), at_hand)


def _open(tx: Transaction, code: OrderCode, actor: Actor, lookup: Lookup) -> Done:
    """The slip lies in somebody's hand, so it did print."""
    order = orders.with_code(tx, code.code)
    if order is None:
        return Done(Verdict(Rule.UNREADABLE, "不是本店的订单", english="Not an order of this store"), None)
    slips.seen(tx, order.order_id)
    try:
        with tx.savepoint():
            holding.start(tx, order, actor, lookup)
    except WorkRefused as refusal:
        return Done(verdict_of(refusal), order.order_id)
    said = _yes(f"开始拣货：{names.shouted(order)}", "Picking begins")
    return Done(said, order.order_id, Did.OPENED)


def _next(tx: Transaction, actor: Actor, lookup: Lookup) -> Done:
    order = next_order.take(tx, actor, lookup)
    if order is None:
        return Done(_no("没有等待拣货的订单", "No order waits to be picked"), None)
    return Done(_yes(f"开始拣货：{names.shouted(order)}", "Picking begins"), order.order_id, Did.OPENED)


def _shelf(tx: Transaction, code: ShelfCode, order_id: str | None) -> Done:
    if order_id is None:
        return Done(book.verdict(Rule.NOT_PICKING), None)
    pick = picks.load(tx, order_id)
    there = [line for line in pick.lines if pick.missing(line) and line.sku and _lies_on(tx, line.sku, code.shelf)]
    if not there:
        return Done(_no(f"货位 {code.shelf} 没有本单要拣的商品", "Nothing of this order lies here"), order_id)
    listed = "、".join(f"{line.name} {shown(pick.missing(line))}{line.unit}" for line in there)
    return Done(_yes(f"货位 {code.shelf}：{listed}", "Take these from this shelf"), order_id, Did.SHELF, code.shelf)


def _lies_on(tx: Transaction, sku: str, shelf: str) -> bool:
    row = tx.db.execute(
        "SELECT 1 FROM stock WHERE sku = ?1 AND shelf = ?2 UNION SELECT 1 FROM lots WHERE sku = ?1 AND shelf = ?2",
        (sku, shelf),
    ).fetchone()
    return row is not None


def _at_order(tx: Transaction, command: Command, order_id: str, actor: Actor, lookup: Lookup) -> Done:
    if command is Command.UNDO:
        return _undo(tx, order_id, actor)
    if picks.load(tx, order_id).state is PickState.PACKED:
        steps.hand_over(tx, order_id, lookup, actor)
        return Done(_yes("已交接", "Handed over"), order_id, Did.HANDED_OVER)
    steps.complete(tx, order_id, lookup, actor)
    return Done(_yes("本单拣货完成", "Packed"), order_id, Did.PACKED)


def _undo(tx: Transaction, order_id: str, actor: Actor) -> Done:
    binding = steps.undo(tx, order_id, actor=actor)
    name = next((line.name for line in orders.lines(tx, order_id) if binding and line.line_id == binding.line_id), "")
    return Done(_yes(f"已撤销：{name or '上一次扫码'}", "Undone: put it back"), order_id, Did.UNDONE)


def _yes(sentence: str, english: str) -> Verdict:
    return Verdict(Rule.TAKEN, sentence, english=english)


def _no(sentence: str, english: str) -> Verdict:
    return Verdict(Rule.OWN_CODE, sentence, english=english)
