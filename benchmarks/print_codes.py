"""Is every code on a slip read by a scanner? Slips with a trace code, their own code and a QR code, on each paper, the
QR native or drawn in turn; zxing-cpp reads the rendered paper. Beside it python-escpos's CODE128 as it comes.
"""

import importlib
import io
import random
import string
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from benchmarks.drug_names import drug_names
from benchmarks.figures import options, report
from benchmarks.paper_readings import CUT, on_paper, scanned
from drivers.printers.capability import Capabilities
from drivers.printers.document import PAPER_58, PAPER_80, PAPER_80_NARROW, Code128, Document, Paper, QrCode, Text
from drivers.printers.escpos import encode

_PAPERS = (PAPER_58, PAPER_80, PAPER_80_NARROW)
_SLIPS, _SLIPS_SHORT = 1_000, 60
_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    trace_code: str
    own_code: str
    link: str

    @property
    def codes(self) -> set[tuple[str, str]]:
        return {("Code 128", self.trace_code), ("Code 128", self.own_code), ("QR Code", self.link)}


def main() -> None:
    chosen = options("print_codes", __doc__ or "")
    samples = _samples(_SLIPS_SHORT if chosen.short else _SLIPS)
    papers = [_PAPERS[number % len(_PAPERS)] for number in range(len(samples))]
    natives = [number // len(_PAPERS) % 2 == 0 for number in range(len(samples))]
    decoded = sum(map(_is_read, samples, papers, natives))
    figures = {
        "slips": len(samples),
        "codes": 3 * len(samples),
        "decoded": decoded,
        "escpos_decoded": _escpos_decoded(samples, papers),
    }
    report(figures, quiet=chosen.json)


def _samples(count: int) -> list[Sample]:
    """Always the same ones."""
    chance = random.Random(128)

    def some(letters: str, length: int) -> str:
        return "".join(chance.choices(letters, k=length))

    return [
        Sample(
            name,
            "8" + some(string.digits, 19),
            "YO" + some(_LETTERS, 12),
            f"https://yaolink.example/o/{some(string.ascii_letters, chance.randint(8, 60))}",
        )
        for name in drug_names(count)
    ]


def _is_read(sample: Sample, paper: Paper, native_qr: bool) -> bool:
    """All three codes and nothing else, among text as on a real slip."""
    blocks = (
        Text(sample.name),
        Code128(sample.trace_code),
        Text(sample.name),
        Code128(sample.own_code),
        QrCode(sample.link),
        Text(sample.name),
    )
    job = encode(Document(blocks), paper, Capabilities(native_qr=native_qr))
    slip = on_paper(job.data, paper)
    return not slip.faults and scanned(slip) == sample.codes


def _escpos_decoded(samples: Sequence[Sample], papers: Sequence[Paper]) -> int:
    """Of the trace codes alone, printed as python-escpos does when told nothing."""
    dummy = importlib.import_module("escpos.printer").Dummy()
    read = 0
    for sample, paper in zip(samples, papers, strict=True):
        dummy.clear()
        with redirect_stdout(io.StringIO()):  # it tells which renderer it chose
            dummy.barcode("{B" + sample.trace_code, "CODE128", function_type="B")
        read += ("Code 128", sample.trace_code) in scanned(on_paper(dummy.output + CUT, paper))
    return read


if __name__ == "__main__":
    main()
