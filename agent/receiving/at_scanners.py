"""A scan of goods by a scanner beside the page for them. What is no pack, such as a badge or the code of a slip, is
judged as everywhere."""

from agent import judging
from agent.catalogue import Lookup
from agent.errors import WorkRefused
from agent.judging import Scanned
from agent.picking.codes import understood
from agent.picking.refusals import verdict_of
from agent.receiving import scanning
from agent.staff import stations
from agent.transactions import Transaction
from domain.codes import PackCode
from domain.times import Millis


def read(tx: Transaction, raw: bytes, station: str, lookup: Lookup, *, read_at: Millis | None) -> Scanned:
    text = raw.decode("utf-8", "replace")
    code = understood(tx, text, station, lookup)
    if not isinstance(code, PackCode):
        return judging.scan(tx, raw, station, lookup, read_at=read_at)
    try:
        verdict = scanning.scan(tx, text, stations.worker(tx, station), lookup)
    except WorkRefused as refusal:
        verdict = verdict_of(refusal)
    return Scanned(None, code, verdict, None)
