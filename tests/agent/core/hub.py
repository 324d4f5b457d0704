"""The hub's side of the conversation as the core sees it: pages of events, dense, in one incarnation of the log."""

import msgspec

from agent.apply import Applied, apply_page
from agent.files import CacheFile, DataFile, WorkFile
from domain.events import CATALOGUE, CHAIN_LOGS, Event, EventBody, ProductPut, RecallPut, encode_body, store_log
from domain.orders import Order, OrderLine, OrderState, RiderState
from domain.personal import Personal, PersonalName, Recipient
from domain.products import Product
from domain.protocol import Head, Page
from domain.quantity import units
from domain.recalls import Recall
from domain.times import MINUTE, Millis

STORE = "S1"
LOG = store_log(STORE)
NOON: Millis = 1_795_233_600_000
AMOXICILLIN = Product("AMX", "阿莫西林胶囊", "0.25g*24粒", "盒", "联邦", ("6901234567892",), ("8123456",))
IBUPROFEN = Product("IBU", "布洛芬缓释胶囊", "0.3g*20粒", "盒", "中美史克", ("6900000000014",), ("8765432",))


def line(line_id: int = 1, product: Product = AMOXICILLIN, count: int = 1, **fields: object) -> OrderLine:
    made = OrderLine(
        line_id, f"c-{product.sku}", product.sku, product.name, product.spec, product.unit, units(count), 1500
    )
    return msgspec.convert({**msgspec.structs.asdict(made), **fields}, OrderLine)


def order(order_id: str = "o1", *lines: OrderLine, **fields: object) -> Order:
    number = int(order_id[1:])
    made = Order(
        order_id=order_id,
        channel="meituan",
        channel_order_id=f"30000{number:05d}",
        shown_id=f"2706311{number:05d}",
        day_number=number,
        store=STORE,
        code=f"YO{number:012d}",
        state=OrderState.ACCEPTED,
        rider=RiderState.NONE,
        placed_at=NOON,
        promised_at=NOON + 60 * MINUTE,
        booked=False,
        prescription=False,
        pick_up=False,
        total=3000,
        lines=lines or (line(),),
    )
    return msgspec.structs.replace(made, **fields)


def person(order_id: str, recipient: Recipient) -> Personal:
    return Personal(order_id, PersonalName.RECIPIENT, msgspec.Raw(msgspec.json.encode(recipient)))


class Hub:
    """Numbers what it tells; `page` makes a page without telling it, so that a test may lose or repeat it."""

    def __init__(self, work: WorkFile, cache: CacheFile) -> None:
        self._files: dict[str, DataFile] = {LOG: work, **dict.fromkeys(CHAIN_LOGS, cache)}
        self._seq = dict.fromkeys(self._files, 0)
        self.log_id = "first"

    def page(self, *bodies: EventBody, personal: tuple[Personal, ...] = (), log: str = LOG) -> Page:
        events = []
        for body in bodies:
            self._seq[log] += 1
            events.append(event(self._seq[log], body, personal=personal, log=log))
        return Page(Head(log, self.log_id, self._seq[log]), tuple(events))

    def tell(self, *bodies: EventBody, personal: tuple[Personal, ...] = ()) -> Applied:
        return self.deliver(self.page(*bodies, personal=personal))

    def teach(self, *products: Product) -> Applied:
        return self.deliver(self.page(*(ProductPut(product) for product in products), log=CATALOGUE))

    def recall(self, *recalls: Recall) -> Applied:
        return self.deliver(self.page(*map(RecallPut, recalls), log=CATALOGUE))

    def tell_all(self, log: str, *bodies: EventBody) -> Applied:
        """In a log of the chain."""
        return self.deliver(self.page(*bodies, log=log))

    def deliver(self, page: Page) -> Applied:
        return self._files[page.head.log].write(lambda tx: apply_page(tx, page))


def event(seq: int, body: EventBody, *, personal: tuple[Personal, ...] = (), log: str = LOG) -> Event:
    return Event(log, seq, body.kind, body.version, NOON, msgspec.Raw(encode_body(body)), about(body), personal)


def about(body: EventBody) -> str | None:
    for name in ("order", "refund", "exception", "prescription"):
        if hasattr(body, name):
            return str(getattr(body, name).order_id)
    return getattr(body, "order_id", None)
