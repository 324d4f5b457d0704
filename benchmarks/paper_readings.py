"""Putting bytes on the virtual printer's paper without a wire, for benchmarks that read what came out."""

import io

import zxingcpp
from PIL import Image

from drivers.printers.document import Paper
from drivers.virtual.commands import Tokenizer
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.slip import VirtualSlip

CUT = b"\x1dV\x00"


def on_paper(data: bytes, paper: Paper) -> VirtualSlip:
    mechanism = Mechanism(paper)
    for command in Tokenizer().feed(data):
        mechanism.execute(command)
    (slip,) = mechanism.slips
    return slip


def scanned(slip: VirtualSlip) -> set[tuple[str, str]]:
    """(format, text) of each code that a scanner finds on the paper."""
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(slip.png())))
    return {(str(code.format), code.text) for code in codes}
