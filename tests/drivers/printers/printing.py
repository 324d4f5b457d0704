"""Short ways for the tests to put a document on the virtual printer's paper."""

import io

import zxingcpp
from PIL import Image

from drivers.printers.capability import Capabilities
from drivers.printers.document import Block, Document, Paper
from drivers.printers.escpos import encode
from drivers.virtual.commands import Tokenizer
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.slip import VirtualSlip


def print_blocks(paper: Paper, *blocks: Block, capabilities: Capabilities | None = None) -> VirtualSlip:
    """Encoded by our encoder, interpreted by the virtual printer's engine, without a wire."""
    return print_bytes(paper, encode(Document(blocks), paper, capabilities or Capabilities()).data)


def print_bytes(paper: Paper, data: bytes) -> VirtualSlip:
    mechanism = Mechanism(paper)
    for command in Tokenizer().feed(data):
        mechanism.execute(command)
    (slip,) = mechanism.slips
    return slip


def scan_picture(slip: VirtualSlip) -> list[tuple[str, str]]:
    """What a scanner reads off the paper, top to bottom: (format, text)."""
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(slip.png())))
    return [(str(code.format), code.text) for code in codes]
