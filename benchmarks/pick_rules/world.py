"""A store with one order, and everything that may happen to it. Each step asks the rules and obeys them; what it does
is kept beside, for the oracle to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import msgspec

from benchmarks.pick_rules.shop import BARCODES, FIRST_DAY, PRODUCTS, Box, boxes, lots
from domain import rules
from domain.codes import Code, ProductBarcode, Unreadable, unique_part
from domain.lots import KnownLot, Lot, LotSource
from domain.orders import OrderLine
from domain.picks import Binding, Entry, Pick, PickState, move
from domain.policy import ChainPolicy, Duty, Owner, SecondCheck, Waiver
from domain.prescriptions import Decision, Prescription, PrescriptionState, coverage
from domain.quantity import ONE, Quantity, units
from domain.recalls import Recall, RecallKind
from domain.rules import RULES, Case, Known, Level, Obstacle, Reviewed, Rule, Terms, Verdict
from domain.staff import Actor, OnDuty, Role

PICKERS = ("s1", "s2", "p1")
CHECKERS = (
    Actor("page:1", "s1", "一", (Role.PICKER, Role.CHECKER)),
    Actor("page:1", "s2", "二", (Role.PICKER,)),
    Actor("page:1", "m1", "三", (Role.MANAGER,)),
    Actor("page:1"),
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One decision as it really was. `duty`: a licensed pharmacist on duty took it."""

    approved: bool
    by: str
    at: int
    duty: bool
    goods: dict[str, Quantity]


@dataclass(slots=True)
class Held:
    """What lies in the bag, as it really is. `lot_said`: the lot that somebody or something told the store."""

    line_id: int
    box: Box | None
    quantity: Quantity
    by: str
    at: int
    lot_said: bool
    typed: int
    waiver: Waiver | None
    photo: bool
    lot: Lot


@dataclass(slots=True)
class World:
    chance: Random
    pick: Pick
    stock: dict[str, tuple[Lot, ...]]
    boxes: list[Box]
    policy: ChainPolicy
    insured: bool
    today: date = FIRST_DAY
    clock: int = 1
    picker: str = ""
    bag: list[Held] = field(default_factory=list)
    recalls: list[Recall] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    used_by: str = ""
    verified: bool = False
    duties: list[OnDuty] = field(default_factory=list)
    sold: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    ledger: dict[str, Quantity] = field(default_factory=dict)
    typed: str = ""
    checked_by: str = ""
    resumes: PickState = PickState.ASSIGNED
    unnamed: int = 0
    refusals: int = 0

    # What the store knows now.

    def terms(self) -> Terms:
        return Terms(
            today=self.today,
            policy=self.policy,
            products={line.sku: PRODUCTS[line.sku] for line in self.pick.lines if line.sku},
            lots=self.stock,
            recalls=tuple(self.recalls),
            gate=self._gate(),
            prescription=self.needs_prescription(),
            insured=self.insured,
        )

    def needs_prescription(self) -> bool:
        return any(line.sku == "RX" and line.wanted for line in self.pick.lines)

    def _gate(self) -> rules.Gate:
        first = min((each.at for each in self.approvals if each.approved), default=None)
        began = min((held.at for held in self.bag), default=None)
        late = began is not None and (first is None or first > began)
        return rules.gate(
            self.needs_prescription(),
            self.pick.lines,
            Reviewed(self._prescriptions(), tuple(self.duties), self.verified),
            picked_by=frozenset({self.picker, *(held.by for held in self.bag)} - {""}),
            started_at=0 if late else None,
            policy=self.policy,
        )

    def _prescriptions(self) -> tuple[Prescription, ...]:
        if not self.approvals:
            return (Prescription("rx", "o1", PrescriptionState.WAITING, used_by=self.used_by),)
        last = self.approvals[-1]
        state = PrescriptionState.APPROVED if last.approved else PrescriptionState.REFUSED
        licence = "" if last.by == "p2" else "L"
        covers = msgspec.json.encode(last.goods, order="sorted").decode()
        decision = Decision(last.approved, last.by, "药师", licence, last.at, covers, "S1")
        return (Prescription("rx", "o1", state, decision=decision, used_by=self.used_by),)

    # Answers are obeyed, and every refusal must name itself.

    def allowed(self, found: Sequence[Obstacle]) -> bool:
        for each in found:
            self._named(each.rule, each.sentence, each.english)
        return not found

    def good(self, verdict: Verdict) -> bool:
        if not verdict.good:
            self._named(verdict.rule, verdict.sentence, verdict.english)
        return verdict.good

    def _named(self, rule: Rule, sentence: str, english: str) -> None:
        self.refusals += 1
        if rule not in RULES or not sentence or not english or "{" in sentence:
            self.unnamed += 1

    def become(self, wanted: PickState) -> None:
        self.pick = msgspec.structs.replace(self.pick, state=move(self.pick.state, wanted))

    # The clerk.

    def start(self) -> None:
        who = self.chance.choice(PICKERS)
        station = self.chance.choice(("page:1", "page:2"))
        before, self.picker = self.picker, self.picker or who
        if not self.allowed(rules.may_start(self.pick, self.terms(), station=station, held_by="page:1")):
            self.picker = before
        elif self.pick.state is PickState.ASSIGNED:
            self.become(PickState.PICKING)

    def take_over(self) -> None:
        before, self.picker = self.picker, self.chance.choice(PICKERS)
        if not self.allowed(rules.may_take_over(self.pick, self.terms())):
            self.picker = before

    def give_back(self) -> None:
        if self.allowed(rules.may_give_back(self.pick)):
            self.become(PickState.ASSIGNED)
            self.picker = ""

    def scan(self) -> None:
        wanted = [box for box in self.boxes if any(line.sku == box.sku for line in self.pick.lines)]
        box = self.chance.choice(wanted if wanted and self.chance.random() < 0.8 else self.boxes)
        self.typed = ""
        self._judge(box.read, box, Entry.SCANNED)

    def scan_barcode(self) -> None:
        self._judge(ProductBarcode(self.chance.choice(sorted(BARCODES))), None, Entry.SCANNED)

    def scan_nonsense(self) -> None:
        self.good(rules.judge(self._case(Unreadable("8", "扫码不完整，请重扫"), None, Entry.SCANNED)))

    def type_code(self) -> None:
        box = self.chance.choice(self.boxes)
        again = next((each for each in self.boxes if each.unique == self.typed), None)
        box = again if again is not None and self.chance.random() < 0.7 else box
        self._judge(box.read, box, Entry.TYPED)
        self.typed = box.unique if self.typed != box.unique else ""

    def _judge(self, code: Code, box: Box | None, entry: Entry) -> None:
        case = self._case(code, box, entry)
        verdict = rules.judge(case)
        if not self.good(verdict) or verdict.line_id is None:
            return
        binding = rules.bind(case, self.picker)
        self._bindings(rules.take(case, verdict, self.picker).bindings)
        if binding.opened and box is not None:
            self.ledger[box.code] = self.ledger.get(box.code, PRODUCTS[box.sku].per_code) - binding.quantity
        self._hold(binding, box, typed=2 if entry is Entry.TYPED and self.typed == unique_part(code) else 1)

    def _case(self, code: Code, box: Box | None, entry: Entry) -> Case:
        unique = unique_part(code)
        products = (PRODUCTS[box.sku],) if box else (BARCODES[code.code],) if isinstance(code, ProductBarcode) else ()
        known = Known(
            products=products,
            bound_to="o2" if unique in self.bound else None,
            sold_at="11-20 09:30" if unique in self.sold else None,
            sold_elsewhere="江滨店" if unique in self.elsewhere else "",
            returned=unique in self.returned,
            level=Level.CASE if box and box.case else None,
            lot=KnownLot(box.lot.lot, LotSource.RECEIVED, box.lot.expiry) if box and box.told else None,
            remaining=self.ledger.get(box.code) if box else None,
        )
        return Case(self.pick, code, known, self.terms(), entry, self.typed if entry is Entry.TYPED else "")

    def _hold(self, binding: Binding, box: Box | None, *, typed: int = 0, photo: bool = False) -> None:
        sku = next(line.sku or "" for line in self.pick.lines if line.line_id == binding.line_id)
        held = Held(
            binding.line_id,
            box,
            binding.quantity,
            self.picker,
            self.clock,
            binding.lot is not None,
            typed if binding.entry is Entry.TYPED else 0,
            binding.waiver,
            photo,
            box.lot if box else self.chance.choice(self.stock[sku]),
        )
        self.bag.append(held)

    def name_lot(self) -> None:
        """The clerk reads what is printed, now and then without its day, or with CapsLock."""
        unsaid = [place for place, held in enumerate(self.bag) if not held.lot_said]
        if not unsaid:
            return
        place = self.chance.choice(unsaid)
        held = self.bag[place]
        line = next(line for line in self.pick.lines if line.line_id == held.line_id)
        said = held.lot.lot.lower() if self.chance.random() < 0.3 else held.lot.lot
        verdict, lot = rules.may_name_lot(line, said, self.terms())
        if not self.good(verdict):
            self._drop(place)
            return
        binding = msgspec.structs.replace(
            self.pick.bindings[place], lot=lot.lot, lot_source=LotSource.CLERK, expiry=lot.expiry
        )
        self._bindings((*self.pick.bindings[:place], binding, *self.pick.bindings[place + 1 :]))
        held.lot_said = True

    def waive(self) -> None:
        line = self.chance.choice(self.pick.lines)
        reason, photo = self.chance.choice(list(Waiver)), self.chance.random() < 0.6
        if self.pick.state is not PickState.PICKING or not self._gate().open:
            return
        if self.allowed(rules.may_waive(self.pick, line, reason, self.terms(), photo=photo)):
            binding = Binding(line.line_id, None, ONE, entry=Entry.WAIVED, waiver=reason, staff_id=self.picker)
            self._bindings((*self.pick.bindings, binding))
            self._hold(binding, None, photo=photo)

    def undo(self) -> None:
        if self.bag and self.pick.state in (PickState.PICKING, PickState.PAUSED):
            self._drop(len(self.bag) - 1)

    def _drop(self, place: int) -> None:
        if self.pick.state not in (PickState.PICKING, PickState.PAUSED):
            return
        held, binding = self.bag.pop(place), self.pick.bindings[place]
        if binding.opened and held.box is not None:
            self.ledger[held.box.code] += held.quantity
        self._bindings((*self.pick.bindings[:place], *self.pick.bindings[place + 1 :]))

    def _bindings(self, bindings: tuple[Binding, ...]) -> None:
        self.pick = msgspec.structs.replace(self.pick, bindings=bindings)
        self.checked_by = ""

    def check(self) -> None:
        checker = self.chance.choice(CHECKERS)
        hands = frozenset({self.picker, *(held.by for held in self.bag)} - {""})
        if self.pick.state is PickState.PICKING and self.allowed(rules.may_check(checker, hands)):
            self.checked_by = checker.staff_id

    def pack(self) -> bool:
        """Whether it was packed."""
        asked = bool(self.typed)
        found = rules.may_pack(self.pick, self.terms(), asked=asked, checked_by=self.checked_by)
        if not self.allowed(found):
            return False
        self.become(PickState.CHECKED)
        self.become(PickState.PACKED)
        return True

    def hand_over(self, *, boxed: bool) -> bool:
        if not self.allowed(rules.may_hand_over(self.pick, self.terms(), boxed=boxed)):
            return False
        self.become(PickState.HANDED_OVER)
        return True

    # What happens to the order from outside.

    def decide(self) -> None:
        if not self.needs_prescription():
            return
        by = self.chance.choice(("p1", "p1", "p2", "p3"))
        duty = by != "p2" and self.chance.random() < 0.85
        if duty:
            self.duties.append(OnDuty(by, "药师", self.clock, self.clock + 1))
        goods = msgspec.json.decode(coverage(self.pick.lines), type=dict[str, int])
        self.approvals.append(Approval(self.chance.random() < 0.9, by, self.clock, duty, goods))

    def verify(self) -> None:
        self.verified = True

    def use_elsewhere(self) -> None:
        self.used_by = "o9"

    def pause(self) -> None:
        if self.pick.state in (PickState.ASSIGNED, PickState.PICKING):
            self.resumes = self.pick.state
            self.become(PickState.PAUSED)

    def resume(self) -> None:
        if self.pick.state is PickState.PAUSED:
            self.become(self.resumes)

    def cancel(self) -> None:
        if self.pick.state is not PickState.STOPPED:
            self.become(PickState.STOPPED)

    def strike(self) -> None:
        """A part refund, or a shortage that the hub agreed to."""
        line = self.chance.choice(self.pick.lines)
        if self.allowed(rules.may_report_short(self.pick, line, ONE)):
            self._line(msgspec.structs.replace(line, struck=line.struck + ONE))

    def substitute(self) -> None:
        line, by = self.chance.choice(self.pick.lines), PRODUCTS[self.chance.choice(("COLD", "RX", "RX", "HALF"))]
        untouched = all(held.line_id != line.line_id for held in self.bag)
        if untouched and self.allowed(rules.may_substitute(line, by, self.terms())):
            self._line(msgspec.structs.replace(line, sku=by.sku))

    def turn(self) -> None:
        """A line that nobody touched becomes a prescription drug while others lie in the bag."""
        free = [line for line in self.pick.lines if all(held.line_id != line.line_id for held in self.bag)]
        if self.bag and free and self.pick.state is PickState.PICKING:
            self._line(msgspec.structs.replace(free[0], sku="RX", quantity=ONE, struck=0))

    def grow(self) -> None:
        """The order changes: more of a line."""
        line = self.chance.choice(self.pick.lines)
        if self.pick.state not in (PickState.PACKED, PickState.HANDED_OVER, PickState.STOPPED):
            self._line(msgspec.structs.replace(line, quantity=line.quantity + ONE))

    def _line(self, line: OrderLine) -> None:
        lines = tuple(line if each.line_id == line.line_id else each for each in self.pick.lines)
        self.pick = msgspec.structs.replace(self.pick, lines=lines)
        self.checked_by = ""

    def recall(self) -> None:
        if self.recalls and self.chance.random() < 0.3:
            self.recalls[0] = msgspec.structs.replace(self.recalls[0], ended=True)
            return
        sku = self.chance.choice([line.sku or "" for line in self.pick.lines])
        named = tuple({lot.lot.lower() for lot in self.stock[sku][:1]}) if self.chance.random() < 0.8 else ()
        kind = self.chance.choice(list(RecallKind))
        self.recalls.append(Recall(f"r{self.clock}", kind, sku, named, "质量问题", self.clock))

    def sell_elsewhere(self) -> None:
        held = {each.box.code for each in self.bag if each.box is not None}
        free = [box.unique for box in self.boxes if box.code not in held and box.code not in self.ledger]
        self.chance.choice((self.sold, self.elsewhere, self.bound, self.returned)).add(self.chance.choice(free))

    def midnight(self) -> None:
        self.today += timedelta(self.chance.choice((1, 1, 2, 20)))

    def insure(self) -> None:
        self.insured = not self.insured


def made(chance: Random) -> World:
    """A new order in a store."""
    stock = lots(chance)
    wanted = chance.sample(sorted(PRODUCTS), chance.randint(1, 2))
    if chance.random() < 0.3 and "RX" not in wanted:
        wanted[0] = "RX"
    lines = tuple(
        OrderLine(number, sku, sku, PRODUCTS[sku].name, "", "盒", units(chance.choice((1, 1, 2))), 100)
        for number, sku in enumerate(wanted, 1)
    )
    owner = chance.choice(list(Owner))
    policy = ChainPolicy(
        owners={Duty.LOT_STOCK: owner},
        second_check=chance.choice(list(SecondCheck)),
        near_expiry_stops_days=chance.choice((0, 30)),
        substitution=chance.random() < 0.8,
        waivers=tuple(reason for reason in Waiver if chance.random() < 0.8),
        waiver_photo=chance.random() < 0.7,
        patient_verified=chance.random() < 0.3,
    )
    pick = Pick("o1", PickState.ASSIGNED, lines)
    return World(chance, pick, stock, boxes(chance, stock), policy, chance.random() < 0.2)
