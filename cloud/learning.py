"""Prefixes of trace codes that a store learned: the product's from now on, in every store (facts/compliance.md R3)."""

import logging

import msgspec
from sqlalchemy import select

from cloud import audit, chain, tables
from cloud.agents import Agent
from cloud.transaction import Transaction
from domain.operations import PrefixLearned
from domain.products import Product

log = logging.getLogger(__name__)
_product = msgspec.json.Decoder(Product)


def prefix_learned(tx: Transaction, agent: Agent, fact: PrefixLearned) -> None:
    """A prefix that another product has stays with it, and a person is told by audit and log; so does one of a product
    that nobody knows."""
    holders = _holders(tx, fact.prefix)
    product = _find(tx, fact.sku)
    if fact.sku in holders:
        return
    if product is None or holders:
        log.error("store %s learned prefix %s for %s, which is wrong", agent.store, fact.prefix, fact.sku)
        why = f"prefix {fact.prefix} belongs to {', '.join(holders)}" if holders else "no such product"
        audit.append(tx, agent.store, agent.device, "prefix.conflict", fact.sku, f"{why}; by {_who(fact)}")
        return
    taught = msgspec.structs.replace(product, trace_prefixes=(*product.trace_prefixes, fact.prefix))
    chain.put_product(tx, taught, by=agent.device)
    said = f"{fact.prefix} by barcode {fact.barcode or '-'}, by {_who(fact)}"
    audit.append(tx, agent.store, agent.device, "prefix.learned", fact.sku, said)


def _who(fact: PrefixLearned) -> str:
    return fact.staff_id or "nobody signed in"


def _find(tx: Transaction, sku: str) -> Product | None:
    p = tables.products.c
    body = tx.connection.execute(select(p.body).where(p.chain == tx.chain, p.sku == sku)).scalar_one_or_none()
    return None if body is None else _product.decode(body)


def _holders(tx: Transaction, prefix: str) -> tuple[str, ...]:
    """The products it belongs to. All are looked through: it is asked once for each prefix a chain ever learns."""
    p = tables.products.c
    bodies = tx.connection.execute(select(p.body).where(p.chain == tx.chain).order_by(p.sku)).scalars()
    return tuple(product.sku for product in map(_product.decode, bodies) if prefix in _prefixes(product))


def _prefixes(product: Product) -> tuple[str, ...]:
    return (*product.trace_prefixes, *product.bundle_prefixes, *product.case_prefixes)
