"""Sync that survives everything: one function for each part of it, called from `upgrade`."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from cloud.columns import Whole

revision = "0006"
down_revision = "0005"

_PAIR_AGAIN = "总部升级后需重新配对 / the hub was updated: pair this computer again"


def upgrade() -> None:
    _identity()
    _snapshots()
    _erp()
    _erp_at_headquarters()
    _set_aside()
    _ledger()
    _lists()


def _identity() -> None:
    """Device keys in place of credentials; which run of an agent speaks, and whether it is frozen (`cloud.sessions`).

    Agents of before have no key: they are written down as revoked, and paired again.
    """
    kept = ("chain", "device", "store", "hostname", "version", "paired_at", "revoked_at", "revoked_why")
    before = op.get_bind().execute(sa.text(f"SELECT {', '.join(kept)} FROM agents")).all()
    op.drop_table("agents")
    agents = op.create_table(
        "agents",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("chain", "device", "store", "hostname", "version")),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("paired_at", Whole, nullable=False),
        *(sa.Column(name, Whole) for name in ("revoked_at", "frozen_at", "session_at")),
        sa.Column("sessions", Whole, nullable=False, server_default="0"),
        *(_text(name, "") for name in ("revoked_why", "frozen_why", "incarnation", "boot", "boots_before")),
        _text("accepts", "{}"),
        sa.PrimaryKeyConstraint("chain", "device", "paired_at"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    rows = [{**row._mapping, "public_key": b""} for row in before]
    for row in rows:
        if row["revoked_at"] is None:
            row |= {"revoked_at": row["paired_at"], "revoked_why": _PAIR_AGAIN}
    op.bulk_insert(agents, rows)
    op.add_column("operations", _text("incarnation", ""))
    op.drop_index("operations_by_number", "operations")
    op.create_index(
        "operations_by_number", "operations", ["chain", "store", "device", "incarnation", "number"], unique=False
    )


def _snapshots() -> None:
    """What a snapshot says that nothing kept until now, when a hub was restored, and how far stores have come."""
    op.add_column("log_heads", sa.Column("restored_at", Whole, nullable=False, server_default="0"))
    op.add_column("orders", _text("cancelled_by", ""))
    op.add_column("orders", sa.Column("taken", Whole, nullable=False, server_default="0"))
    _table("applied", ("chain", "store"), _text("store"), _whole("seq"))


def _erp() -> None:
    """What the chain's ERP tells and is told (`cloud.erp.tables`)."""
    _table(
        "erp_feeds",
        ("chain", "store", "kind", "document_id", "part"),
        _text("store"), _text("kind"), _text("document_id"), _whole("part", "0"), _bytes("body_hash"), _bytes("body"),
        _whole("at"),
        large=True,
    )  # fmt: skip
    _table(
        "erp_levels",
        ("chain", "store", "sku"),
        _text("store"), _text("sku"), _whole("as_of"), _whole("contains"), _whole("on_hand"), _text("document_id"),
        _whole("at"),
    )  # fmt: skip
    _table(
        "erp_bookings",
        ("chain", "store", "sku", "document_id"),
        _text("store"), _text("sku"), _text("document_id"), _whole("sequence"), _whole("delta"),
    )  # fmt: skip
    _table(
        "erp_documents",
        ("chain", "store", "document_id"),
        _text("store"), _text("document_id"), _whole("number"), _text("kind"), _text("state"),
        sa.Column("order_id", sa.Text), _text("reason", ""), _text("reference", ""), _bytes("body"),
        _whole("written_at"), sa.Column("delivered_at", Whole), sa.Column("answered_at", Whole), _whole("ours", "0"),
        large=True,
    )  # fmt: skip
    op.create_index("erp_documents_by_number", "erp_documents", ["chain", "store", "number"], unique=False)
    owed = sa.text("state IN ('waiting', 'delivered')")
    op.create_index(
        "erp_documents_owed", "erp_documents", ["chain", "store", "number"], unique=False,
        sqlite_where=owed, postgresql_where=owed,
    )  # fmt: skip
    _table(
        "erp_effects",
        ("chain", "store", "sku", "document_id"),
        _text("store"), _text("sku"), _text("document_id"), _whole("number"), _whole("delta"), _whole("refused", "0"),
    )  # fmt: skip
    op.create_index("erp_effects_by_number", "erp_effects", ["chain", "store", "sku", "number"], unique=False)
    refused = sa.text("refused = 1")
    op.create_index(
        "erp_effects_refused", "erp_effects", ["chain", "store", "sku"], unique=False,
        sqlite_where=refused, postgresql_where=refused,
    )  # fmt: skip


def _erp_at_headquarters() -> None:
    """Documents that headquarters hands over, and what its own connectors keep (`cloud.erp`)."""
    op.create_index("erp_documents_by_answer", "erp_documents", ["chain", "answered_at"], unique=False)
    _partial_index("erp_feeds_of_counts", "erp_feeds", ["chain", "at"], "kind = 'count'")
    _partial_index("erp_feeds_with_body", "erp_feeds", ["chain", "at"], "length(body) > 0")
    _partial_index("erp_documents_refused", "erp_documents", ["chain", "store", "number"], "state = 'refused'")
    _partial_index("erp_documents_ours", "erp_documents", ["chain", "number"], "ours = 1")
    owed = "ours = 1 AND state IN ('waiting', 'delivered')"
    _partial_index("erp_documents_ours_owed", "erp_documents", ["chain", "state", "number"], owed)
    _table("erp_numbers", ("chain",), _whole("last"))
    _table("erp_handing_back", ("chain", "store"), _text("store"), _whole("since"))
    _table(
        "erp_heard",
        ("chain", "store", "kind"),
        _text("store"), _text("kind"), _text("document_id"), _whole("mark"), _text("source"), _whole("at"),
    )  # fmt: skip
    _table("erp_unknown_products", ("chain", "store", "sku"), _text("store"), _text("sku"), _whole("at"))
    _table(
        "erp_aside",
        ("chain", "entry_id"),
        _text("entry_id"), _text("store"), _text("kind"), _text("document_id"), _whole("part", "0"), _text("reason"),
        _bytes("body"), _bytes("body_hash"), _text("source"), _whole("at"), sa.Column("ended_at", Whole),
        _text("ended_by", ""),
        large=True,
        once=sa.UniqueConstraint(
            "chain", "store", "kind", "document_id", "part", "body_hash", name="erp_aside_once"
        ),
    )  # fmt: skip
    _partial_index("erp_aside_open", "erp_aside", ["chain", "at"], "ended_at IS NULL")
    _table(
        "erp_tokens",
        ("chain", "name"),
        _text("name"), _bytes("token_hash"), _whole("made_at"), sa.Column("used_at", Whole),
        sa.Column("revoked_at", Whole),
    )  # fmt: skip
    _table(
        "erp_files",
        ("chain", "hash"),
        _text("hash"), _text("name"), _text("state"), _whole("rows"), _text("flaws"), _whole("at"),
        sa.Column("seen_at", Whole),
        large=True,
    )  # fmt: skip
    op.create_index("erp_files_by_time", "erp_files", ["chain", "at"], unique=False)
    _partial_index("erp_files_unseen", "erp_files", ["chain", "at"], "state != 'done' AND seen_at IS NULL")
    _table("erp_positions", ("chain", "view"), _text("view"), _text("position"))


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name, table, columns, unique=False, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
    )


def _set_aside() -> None:
    """Operations that took no effect, kept as they came (`cloud.set_aside.entries`)."""
    _table(
        "set_aside",
        ("chain", "entry_id"),
        _text("entry_id"), _text("store"), _whole("sequence"), _text("device"), _text("incarnation"), _text("key"),
        _whole("number"), _text("kind"), _whole("v"), sa.Column("order_id", sa.Text), _bytes("body"),
        _bytes("body_hash"), _whole("at"), _text("reason"), _text("why"), _whole("set_aside_at"), _text("version"),
        _text("state"), sa.Column("ended_at", Whole), _text("ended_by", ""), _text("note", ""),
        large=True,
        once=sa.UniqueConstraint("chain", "store", "key", "body_hash", name="set_aside_once"),
    )  # fmt: skip
    op.create_index("set_aside_by_sequence", "set_aside", ["chain", "store", "sequence"], unique=False)
    still_open = sa.text("state = 'open'")
    op.create_index(
        "set_aside_open", "set_aside", ["chain", "store", "order_id"], unique=False,
        sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip


def _ledger() -> None:
    """Which operation of its store moved stock, and what somebody saw there (`cloud.ledger`)."""
    for column in (_text("incarnation", ""), _whole("number", "0"), sa.Column("seen", Whole)):
        op.add_column("stock_ledger", column)
    op.drop_index("stock_ledger_by_sku", "stock_ledger")
    op.create_index("stock_ledger_by_sku", "stock_ledger", ["chain", "store", "sku", "number"], unique=False)


def _lists() -> None:
    """Prices and lists of codes (`cloud.list_tables`). What was sold until now becomes news for every store."""
    _table("prices", ("chain", "sku", "store"), _text("sku"), _text("store", ""), _whole("fen"), _whole("at"))
    _table(
        "sale_codes", ("chain", "code", "store", "source"), _text("code"), _text("store"), _text("source"), _whole("at")
    )
    _table("code_news", ("chain", "news_id"), _text("news_id"), _bytes("codes"))
    _table(
        "listed_codes",
        ("chain", "list", "code"),
        _text("list"), _text("code"), _text("store", ""), _whole("at", "0"),
    )  # fmt: skip
    _tell_what_was_sold()


def _tell_what_was_sold() -> None:
    db = op.get_bind()
    sales = db.execute(sa.text("SELECT chain, store, sale_id, lines, at FROM sales"))
    counter = [
        {"chain": sale.chain, "code": code, "store": sale.store, "source": f"sale:{sale.sale_id}", "at": sale.at}
        for sale in sales
        for code in {code for line in json.loads(sale.lines) for code in line.get("codes", ())}
    ]
    _fill("sale_codes", ("chain", "code", "store", "source", "at"), counter)
    bound = db.execute(sa.text("SELECT DISTINCT chain, code FROM bindings WHERE code IS NOT NULL AND opened = 0"))
    sold = [*((each["chain"], each["code"]) for each in counter), *((row.chain, row.code) for row in bound)]
    news = [
        {"chain": chain, "news_id": f"0006-{place:09d}", "codes": json.dumps([code]).encode()}
        for place, (chain, code) in enumerate(sold)
    ]
    _fill("code_news", ("chain", "news_id", "codes"), news)


def _fill(name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    values = ", ".join(f":{column}" for column in columns)
    if rows:
        op.get_bind().execute(sa.text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"), rows)


_Column = sa.Column[str] | sa.Column[int] | sa.Column[bytes]


def _table(
    name: str,
    key: tuple[str, ...],
    *columns: _Column,
    large: bool = False,
    once: sa.UniqueConstraint | None = None,
) -> None:
    chain, keys = sa.Column("chain", sa.Text, nullable=False), [sa.PrimaryKeyConstraint(*key)]
    others = [] if once is None else [once]
    op.create_table(name, chain, *columns, *keys, *others, sqlite_strict=True, sqlite_with_rowid=large)


def _whole(name: str, default: str | None = None) -> "sa.Column[int]":
    return sa.Column(name, Whole, nullable=False, server_default=default)


def _bytes(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _text(name: str, default: str | None = None) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)
