"""What the chain's logs of codes and prices mean in a store: another store's sale is a hard stop, its own is not."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agent import code_lists, completing, introducing, picks, prices, store
from agent.catalogue import Lookup
from agent.files import CacheFile, WorkFile
from agent.judging import scan
from agent.picking.terms import terms
from domain.code_lists import CodeList, ListedCode
from domain.events import (
    CHAIN_LOGS,
    CODES,
    PRICES,
    CodesListed,
    CodesUnlisted,
    OrderCancelled,
    OrderPlaced,
    PolicySet,
    PricePut,
    ProductPut,
    store_log,
)
from domain.orders import Order
from domain.policy import ChainPolicy
from domain.protocol import SessionReply
from domain.rules import Rule, Verdict
from tests.agent.core.hub import AMOXICILLIN, NOON, STORE, Hub, line, order
from tests.agent.snapshots.making import header, loaded

A1, A2 = "81234560000000000001", "81234560000000000002"
OTHER = ListedCode(A1, "S2", NOON)
Scan = Callable[..., Verdict]


@pytest.fixture(autouse=True)
def paired(work: WorkFile) -> None:
    work.write(lambda tx: store.pair(tx, hub_url="http://hub", chain="康宁", store=STORE, name="本店"))


@pytest.fixture
def scanned(work: WorkFile, lookup: Lookup) -> Scan:
    def run(code: str, order_id: str = "o1") -> Verdict:
        return work.write(lambda tx: scan(tx, code.encode(), "gun", lookup, order_id=order_id)).verdict

    return run


@pytest.fixture
def picking(hub: Hub, work: WorkFile, scanned: Scan) -> Order:
    """Two packs are wanted."""
    wanted = order("o1", line(count=2))
    hub.tell(OrderPlaced(wanted))
    scanned(wanted.code)
    return wanted


def listed(hub: Hub, *codes: ListedCode, of: CodeList = CodeList.SOLD) -> None:
    hub.tell_all(CODES, CodesListed(of, codes, {"S2": "中山路店"}))


@pytest.mark.usefixtures("picking")
def test_a_pack_that_another_store_sold_is_a_hard_stop(hub: Hub, scanned: Scan) -> None:
    listed(hub, OTHER)
    verdict = scanned(A1)
    assert verdict.rule is Rule.SOLD_IN_CHAIN
    assert "中山路店（11-" in verdict.sentence
    hub.tell_all(CODES, CodesUnlisted(CodeList.SOLD, (A1,)))
    assert scanned(A1).good


@pytest.mark.usefixtures("picking")
def test_the_chain_may_want_no_store_named(hub: Hub, scanned: Scan) -> None:
    hub.tell(PolicySet(ChainPolicy(name_other_stores=False)))
    listed(hub, OTHER)
    assert "连锁内其他门店" in scanned(A1).sentence


def test_a_stores_own_word_goes_before_the_list(hub: Hub, work: WorkFile, scanned: Scan, picking: Order) -> None:
    """The list hears of a cancellation later than the store that had the pack in its bag."""
    scanned(A1)
    listed(hub, ListedCode(A1, STORE, NOON))
    hub.tell(OrderCancelled("o1", "customer", taken=False))
    hub.tell(OrderPlaced(order("o2", line(count=1))))
    scanned(f"YO{2:012d}", "o2")
    assert scanned(A1, "o2").good


@pytest.mark.usefixtures("picking")
def test_a_new_computer_knows_what_its_store_sold(hub: Hub, scanned: Scan) -> None:
    listed(hub, ListedCode(A1, STORE, NOON))
    assert scanned(A1).rule is Rule.SOLD_BEFORE


@pytest.mark.usefixtures("picking")
@pytest.mark.parametrize(("of", "rule"), [(CodeList.RECALLED, Rule.CODE_RECALLED), (CodeList.BANNED, Rule.CODE_BANNED)])
def test_a_recalled_or_banned_pack_is_refused(hub: Hub, scanned: Scan, of: CodeList, rule: Rule) -> None:
    listed(hub, ListedCode(A1), of=of)
    assert scanned(A1).rule is rule
    assert scanned(A2).good


def test_a_list_that_comes_when_the_pack_is_in_the_bag(
    hub: Hub, work: WorkFile, scanned: Scan, lookup: Lookup, picking: Order
) -> None:
    scanned(A1)
    listed(hub, ListedCode(A1), of=CodeList.RECALLED)
    assert scanned(A2).good
    found = work.read(
        lambda reading: completing.obstacles(reading, picks.load(reading, "o1"), terms(reading, picking, lookup))
    )
    assert [each.rule for each in found] == [Rule.CODE_RECALLED]


@pytest.mark.usefixtures("picking")
def test_the_code_of_a_case_is_not_sold(hub: Hub, scanned: Scan) -> None:
    hub.deliver(hub.page(*_products(), log="catalogue"))
    assert scanned("84444440000000000001").rule is Rule.LEVEL
    assert scanned("83333330000000000001").rule is Rule.LEVEL
    assert scanned(A1).good


def test_a_snapshot_is_all_there_is(hub: Hub, cache: CacheFile, tmp_path: Path) -> None:
    listed(hub, OTHER)
    hub.tell_all(PRICES, PricePut("AMX", 1), PricePut("IBU", 2))
    many = tuple(ListedCode(f"8123456{number:013d}", "S3", NOON) for number in range(10, 510))
    bodies = (CodesListed(CodeList.SOLD, names={"S3": "江滨店"}), CodesListed(CodeList.SOLD, many))
    loaded(cache, tmp_path, header(CODES, "other"), *bodies)
    loaded(cache, tmp_path, header(PRICES, "other"), PricePut("AMX", 3))
    assert len(cache.read(lambda reading: code_lists.listings(reading, (each.code for each in many)))) == 500
    found = cache.read(lambda reading: code_lists.listings(reading, [A1, many[7].code]))
    assert found == {many[7].code: (code_lists.Listing(CodeList.SOLD, "S3", "江滨店", NOON),)}
    assert cache.read(lambda reading: prices.of_skus(reading, STORE, ["AMX", "IBU"])) == {"AMX": 3}


def test_the_stores_own_price_goes_before_the_chains(hub: Hub, cache: CacheFile) -> None:
    hub.tell_all(PRICES, PricePut("AMX", 1250), PricePut("AMX", 990, "S2"), PricePut("AMX", 1190, STORE))
    assert cache.read(lambda reading: prices.of_skus(reading, STORE, ["AMX"])) == {"AMX": 1190}
    assert cache.read(lambda reading: prices.of_skus(reading, "S9", ["AMX"])) == {"AMX": 1250}


def test_a_log_that_this_version_does_not_know_is_left_alone(work: WorkFile, caplog: pytest.LogCaptureFixture) -> None:
    """Its events would all be set aside; a version that knows it begins with a snapshot."""
    reply = SessionReply("token", 1800, (store_log(STORE), "catalogue", "weather"), 0, "", NOON)
    work.write(lambda tx: introducing._heard(tx, reply, 0))
    assert work.read(introducing.logs) == (store_log(STORE), "catalogue")
    assert "weather" in caplog.text
    work.write(lambda tx: store.put(tx, logs=""))
    assert work.read(introducing.logs) == (store_log(STORE), *CHAIN_LOGS)


def _products() -> list[ProductPut]:
    boxed = msgspec.structs.replace(AMOXICILLIN, bundle_prefixes=("8333333",), case_prefixes=("8444444",))
    return [ProductPut(boxed)]
