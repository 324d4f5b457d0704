"""What was legal, said a second time and without the rules' code: from what the boxes really are and what really
happened. It reads nothing of `domain.rules`."""

from collections import Counter
from collections.abc import Iterator

from benchmarks.pick_rules.shop import FORBIDDEN, PRODUCTS, WHOLE
from benchmarks.pick_rules.world import Held, World
from domain.lots import Lot
from domain.picks import PickState
from domain.policy import Duty, Owner, SecondCheck, Waiver

MAY_CHECK = ("s1", "m1")


def wrongs(world: World, *, leaves: bool, boxed: bool = False) -> list[str]:
    """Why the order may not be packed (or leave, if `leaves`) as it stands; empty when it may."""
    before = PickState.PACKED if leaves else PickState.PICKING
    found = [] if world.pick.state is before else [f"it is {world.pick.state}"]
    found += _counts(world)
    found += _prescription(world)
    for held in world.bag:
        found += _of_one(world, held)
    found += _codes(world)
    if not leaves:
        found += _checked(world)
        found += ["a typed code waits"] if world.typed else []
    if leaves and not boxed and any(line.sku == "COLD" and line.wanted for line in world.pick.lines):
        found.append("warm")
    return found


def _counts(world: World) -> Iterator[str]:
    for line in world.pick.lines:
        if sum(held.quantity for held in world.bag if held.line_id == line.line_id) != line.quantity - line.struck:
            yield f"line {line.line_id} has not what it wants"


def _of_one(world: World, held: Held) -> Iterator[str]:
    sku = next(line.sku or "" for line in world.pick.lines if line.line_id == held.line_id)
    if sku in FORBIDDEN:
        yield "banned online"
    if held.typed == 1:
        yield "typed once"
    yield from _by_its_code(world, held, sku)
    yield from _lot(world, held, sku)


def _by_its_code(world: World, held: Held, sku: str) -> Iterator[str]:
    box, herb = held.box, sku == "HERB"
    if held.waiver is not None:
        if held.waiver not in world.policy.waivers or (held.waiver is Waiver.EXEMPT) != herb:
            yield "waived for no good reason"
        if not herb and (world.insured or (world.policy.waiver_photo and not held.photo)):
            yield "waived without what a waiver needs"
    elif box is None:
        if sku not in ("TOOL", "HERB"):
            yield "taken by its barcode"
    elif box.sku != sku or box.case:
        yield "another product, or a case"
    elif sku != "OPENED" and held.quantity != WHOLE[sku]:
        yield "not a whole pack"


def _lot(world: World, held: Held, sku: str) -> Iterator[str]:
    active = [recall for recall in world.recalls if not recall.ended and recall.sku == sku]
    for recall in active:
        if not recall.lots or held.lot.lot.upper() in [lot.upper() for lot in recall.lots]:
            yield "recalled"
    if _too_old(world, held.lot):
        yield "expired, or nearly"
    asked = world.policy.owners.get(Duty.LOT_STOCK) is Owner.YAOLINK
    doubt = active or any(_too_old(world, lot) and lot.quantity > 0 for lot in world.stock[sku])
    if not held.lot_said and (asked or doubt):
        yield "nobody said its lot"


def _too_old(world: World, lot: Lot) -> bool:
    left = (lot.expiry - world.today).days
    return left < 0 or left < world.policy.near_expiry_stops_days


def _codes(world: World) -> Iterator[str]:
    taken: Counter[str] = Counter()
    for held in world.bag:
        if held.box is None:
            continue
        taken[held.box.code] += held.quantity
        if held.box.unique in world.sold | world.elsewhere | world.bound | world.returned:
            yield "sold, bound or returned before"
        if held.box.sku != "OPENED" and taken[held.box.code] > held.quantity:
            yield "twice in the bag"
    if any(amount > PRODUCTS["OPENED"].per_code for amount in taken.values()):
        yield "more than was in the pack"


def _prescription(world: World) -> Iterator[str]:
    wanted = Counter[str]()
    for line in world.pick.lines:
        wanted[line.sku or ""] += line.quantity - line.struck
    if not wanted["RX"]:
        return
    if not world.approvals or not world.approvals[-1].approved or not world.approvals[-1].duty:
        yield "not approved by a pharmacist on duty"
        return
    last = world.approvals[-1]
    if any(amount > last.goods.get(sku, 0) for sku, amount in wanted.items() if amount):
        yield "approved something else"
    if world.used_by:
        yield "the prescription is another order's"
    if last.by in {world.picker, *(held.by for held in world.bag)}:
        yield "picker and pharmacist are one"
    first = min(each.at for each in world.approvals if each.approved)
    if any(held.at < first for held in world.bag):
        yield "picked before it was approved"
    if world.policy.patient_verified and not world.verified:
        yield "nobody knows the patient"


def _checked(world: World) -> Iterator[str]:
    rx = any(line.sku == "RX" and line.wanted for line in world.pick.lines)
    wanted = world.policy.second_check
    if wanted is SecondCheck.NEVER or (wanted is SecondCheck.PRESCRIPTION and not rx):
        return
    if world.checked_by not in MAY_CHECK or world.checked_by in {held.by for held in world.bag}:
        yield "nobody else checked"
