"""What was sent is what is shown of a slip from then on; its pictures are kept once."""

import io
from functools import partial

import msgspec
import pytest
from PIL import Image

from agent import preview, slip_templates, slips
from agent.documents import papers
from agent.documents.wanting import want_shift_report
from agent.errors import NotNow, WorkRefused
from agent.files import WorkFile
from agent.slip_templates import Source
from domain.events import OrderChanged, OrderPlaced, SlipTemplatesSet
from domain.slips import SlipKind
from domain.templates import BadTemplate, Field, SlipTemplate, SlipTemplates
from drivers.printers.document import Document, Picture
from tests.agent.core.hub import Hub, line, order
from tests.agent.documents.reading import as_kind, document_of, on_paper, words


def png(side: int = 64) -> bytes:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


LOGO = SlipTemplates(logo=png(), picking=SlipTemplate(logo=True))


def test_a_sent_slip_shows_what_was_sent_and_an_unsent_one_what_would_be(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1")))
    slip = as_kind(work, SlipKind.PICKING)
    sent = document_of(work, slip)
    work.write(lambda tx: papers.keep(tx, slip, sent))
    hub.tell(OrderChanged(order("o1", line(count=5))))
    assert "×5盒" in words(*document_of(work, slip).blocks)
    assert "×1盒" in work.read(lambda reading: preview.text(reading, slip))


def test_a_slip_sent_again_shows_its_last_sending(hub: Hub, work: WorkFile) -> None:
    hub.tell(OrderPlaced(order("o1")))
    slip = as_kind(work, SlipKind.PICKING)
    work.write(lambda tx: papers.keep(tx, slip, document_of(work, slip)))
    hub.tell(OrderChanged(order("o1", line(count=5))))
    later = document_of(work, slip)
    work.write(lambda tx: papers.keep(tx, slip, later))
    assert work.read(lambda reading: papers.of(reading, slip)) == later


def test_a_logo_is_kept_once_for_all_papers_and_comes_back(hub: Hub, work: WorkFile) -> None:
    hub.tell(SlipTemplatesSet(LOGO), OrderPlaced(order("o1")), OrderPlaced(order("o2")))
    for order_id in ("o1", "o2"):
        slip = as_kind(work, SlipKind.PICKING, order_id)
        document = document_of(work, slip)
        assert Picture(LOGO.logo) in document.blocks and on_paper(document).pictures
        work.write(partial(papers.keep, slip=slip, document=document))
        assert work.read(partial(papers.of, slip=slip)) == document
    count = work.read(lambda reading: reading.db.execute("SELECT count(*) FROM paper_pictures").fetchone()[0])
    assert count == 1


def test_a_slip_of_no_order_is_kept_unless_it_could_be_about_somebody(hub: Hub, work: WorkFile) -> None:
    slip_id = work.write(want_shift_report)
    slip = work.read(lambda reading: slips.get(reading, slip_id))
    document = document_of(work, slip)
    work.write(lambda tx: papers.keep(tx, slip, document))
    assert work.read(lambda reading: papers.of(reading, slip)) == document
    picking = msgspec.structs.replace(slip, kind=SlipKind.PICKING)
    with pytest.raises(ValueError, match="not kept unsealed"):
        work.write(lambda tx: papers.keep(tx, picking, Document(())))


def test_headquarters_word_stands_above_the_stores(hub: Hub, work: WorkFile) -> None:
    here, theirs = SlipTemplates(stop=SlipTemplate(footer="本店")), SlipTemplates(stop=SlipTemplate(footer="总部"))
    work.write(lambda tx: slip_templates.set_here(tx, here))
    assert work.read(slip_templates.in_force).templates == here
    hub.tell(SlipTemplatesSet(theirs))
    assert work.read(slip_templates.in_force).source is Source.HEADQUARTERS
    with pytest.raises(NotNow):
        work.write(lambda tx: slip_templates.set_here(tx, here))
    hub.tell(SlipTemplatesSet(None))
    assert work.read(slip_templates.in_force).templates == here, "what the store had set is in force again"
    work.write(lambda tx: slip_templates.set_here(tx, None))
    assert work.read(slip_templates.in_force).templates == SlipTemplates()


def test_headquarters_broken_logo_holds_up_no_slip(hub: Hub, work: WorkFile) -> None:
    broken = LOGO.logo[:40] + b"junk"
    hub.tell(SlipTemplatesSet(msgspec.structs.replace(LOGO, logo=broken)), OrderPlaced(order("o1")))
    assert on_paper(document_of(work, as_kind(work, SlipKind.PICKING))).codes
    hub.tell(SlipTemplatesSet(None))
    with pytest.raises(WorkRefused, match="标志图片"):
        work.write(lambda tx: slip_templates.set_here(tx, msgspec.structs.replace(LOGO, logo=broken)))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: SlipTemplates(logo=b"\0" * 70_000), "at most 65536"),
        (lambda: SlipTemplates(logo=png()[:16] + (9_000).to_bytes(4) + png()[20:]), "9000 × 64 dots"),
        (lambda: SlipTemplates(logo=b"GIF89a"), "not a PNG"),
        (lambda: SlipTemplates(stop=SlipTemplate(without=(Field.QR,))), "stop: qr cannot be left out"),
        (lambda: SlipTemplates(automatic=(SlipKind.SHIFT,)), "shift: does not print by itself"),
    ],
)
def test_a_look_that_cannot_be_is_refused_where_it_is_made(made: object, said: str) -> None:
    assert callable(made)
    with pytest.raises(BadTemplate, match=said):
        made()
