"""A prefix one store learned is known in every store; what contradicts the catalogue changes nothing."""

from cloud import chain, eventlog, tables
from domain.events import CATALOGUE, ProductPut, decode_body
from domain.operations import PrefixLearned
from domain.products import Product
from domain.protocol import Cursor, OutcomeState
from tests.cloud.hub import CHAIN, Hub


def told(hub: Hub) -> list[Product]:
    with hub.database.read() as connection:
        page = eventlog.page(connection, CHAIN, hub.vault, Cursor(CATALOGUE, "", 0), 1000)
    bodies = map(decode_body, page.events)
    return [body.product for body in bodies if isinstance(body, ProductPut)]


def test_every_store_hears_of_it_once(hub: Hub) -> None:
    before = len(told(hub))
    for _ in range(2):
        hub.do(PrefixLearned("8123456", "sku1", "6900000000001", "P1", "o1"))
    (taught,) = told(hub)[before:]
    assert (taught.sku, taught.trace_prefixes) == ("sku1", ("8123456",))
    assert hub.row(tables.audit, action="prefix.learned").subject == "sku1"


def test_a_prefix_stays_with_the_product_that_has_it(hub: Hub) -> None:
    with hub.transaction() as tx:
        chain.put_product(tx, Product("sku9", "药", "1片", "盒", trace_prefixes=("8123456",)))
    before = told(hub)
    assert hub.do(PrefixLearned("8123456", "sku1", "", "P1")).state is OutcomeState.DONE
    assert told(hub) == before
    assert "sku9" in hub.row(tables.audit, action="prefix.conflict").detail


def test_a_product_that_nobody_knows_learns_nothing(hub: Hub) -> None:
    before = told(hub)
    hub.do(PrefixLearned("8123456", "sku404", "", "P1"))
    assert told(hub) == before and hub.row(tables.audit, action="prefix.conflict").subject == "sku404"
