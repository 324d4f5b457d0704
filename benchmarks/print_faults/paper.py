"""Reading what physically left a printer, as a person would: which slip it is, and whether all of it is there.

Nothing of the agent's is asked or imported.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from drivers.virtual.slip import BarcodeRow, QrRow, Row, TextRow, VirtualSlip

_SHOWN_ID = re.compile(r"单号\s*(\d+)")
_LINE = re.compile(r"(\S+)\s+×")
_COPY = re.compile(r"补打 第(\d+)次")
_ISSUE = re.compile(r"订单有变更 第(\d+)次")


@dataclass(frozen=True, slots=True)
class Key:
    """Which slip: of which order, kind and issue, and the how manyth reprint of it (0: unmarked)."""

    shown_id: str
    kind: str
    issue: int
    copy: int


@dataclass(frozen=True, slots=True)
class Paper:
    """`at` is the monotonic second in which it left. A slip is whole when its last line is there, too, cut off or
    still hanging on the next one."""

    key: Key
    printer: str
    at: float
    is_whole: bool
    says: frozenset[str]
    """The names of its lines, and its codes."""


class Papers:
    """All that came out so far; filled by the printers' threads. `orders` gives what each one's slips must say, by the
    kind of slip."""

    def __init__(self, orders: Mapping[tuple[str, str], frozenset[str]]) -> None:
        self._orders = orders
        self._lock = threading.Lock()
        self._papers: list[Paper] = []
        self._whole: dict[Key, int] = defaultdict(int)

    def add(self, printer: str, slip: VirtualSlip) -> None:
        for piece in slip.pieces:
            paper = read(piece, printer, slip.at)
            if paper is not None:  # one so short that nobody can say of which order it is belongs to nobody
                self._keep(paper)

    def all(self) -> list[Paper]:
        with self._lock:
            return list(self._papers)

    def lies_there(self, key: Key) -> bool:
        """Whole."""
        with self._lock:
            return self._whole[key] > 0

    def _keep(self, paper: Paper) -> None:
        wanted = self._orders.get((paper.key.shown_id, paper.key.kind))
        paper = replace(paper, is_whole=paper.is_whole and wanted is not None and wanted <= paper.says)
        with self._lock:
            self._papers.append(paper)
            self._whole[paper.key] += paper.is_whole


def read(piece: tuple[Row, ...], printer: str, at: float) -> Paper | None:
    lines = [row.text for row in piece if isinstance(row, TextRow)]
    text = "\n".join(lines)
    shown_id = _SHOWN_ID.search(text)
    if shown_id is None:
        return None
    kind = "stop" if "停止拣货" in text else "customer" if "销售凭证" in text else "picking"
    issue, copy = _ISSUE.search(text), _COPY.search(text)
    key = Key(shown_id[1], kind, int(issue[1]) if issue else 1, int(copy[1]) if copy else 0)
    ends = any(line.strip().startswith("打印 ") for line in lines)
    return Paper(key, printer, at, ends, frozenset((*_names(lines), *_codes(piece))))


def _names(lines: list[str]) -> Iterator[str]:
    return (found[1] for line in lines if (found := _LINE.match(line)))


def _codes(piece: tuple[Row, ...]) -> Iterator[str]:
    for row in piece:
        if isinstance(row, BarcodeRow):
            yield f"bars {row.text}"
        elif isinstance(row, QrRow):
            yield f"QR {row.data.decode()}"
