"""What a reader of a slip sees, in every way it is shown."""

import msgspec

from agent import preview, slips
from agent.documents.rendering import rendered
from agent.files import WorkFile
from agent.slips import Slip
from domain.slips import SlipKind
from domain.templates import SlipTemplates
from drivers.printers.document import PAPER_58, PAPER_80, Block, Document, Pair, Sample, Text
from drivers.printers.escpos import encode
from drivers.virtual.commands import Tokenizer
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.slip import PaperRoll, VirtualSlip


def words(*blocks: Block) -> str:
    """Everything that is written, paragraph by paragraph."""
    return "\n".join(
        f"{block.left} {block.right}" if isinstance(block, Pair) else block.text
        for block in blocks
        if isinstance(block, Text | Pair | Sample)
    )


def on_paper(document: Document, dots: int = 384) -> VirtualSlip:
    """Its bytes, as a printer that knows nothing of our encoder carries them out."""
    paper = PAPER_58 if dots == PAPER_58.dots else PAPER_80
    mechanism = Mechanism(PaperRoll(paper.columns, paper.dots))
    for command in Tokenizer().feed(encode(document, paper).data):
        mechanism.execute(command)
    return mechanism.slips[-1]


def shown(document: Document) -> str:
    """In all ways at once."""
    papers = [on_paper(document, dots).text for dots in (384, 576)]
    return "\n".join(
        (words(*document.blocks), preview.as_text(document), msgspec.json.encode(document).decode(), *papers)
    )


def as_kind(work: WorkFile, kind: SlipKind, order_id: str = "o1", *, subject: str = "", copy: int = 0) -> Slip:
    """As if the order's slip were of this kind."""
    slip = work.read(lambda reading: slips.of_order(reading, order_id)[0])
    return msgspec.structs.replace(slip, kind=kind, subject=subject, copy=copy)


def document_of(work: WorkFile, slip: Slip, templates: SlipTemplates | None = None) -> Document:
    return work.read(lambda reading: rendered(reading, slip, templates)).document
