"""Images and photos in the data file: sealed piece by piece, and gone with their order's key."""

from random import Random

import pytest

from agent import blobs, personal
from agent.blobs.kept import PIECE, BlobState
from agent.errors import SealBroken, WorkRefused
from agent.files import WorkFile
from domain.blobs import LARGEST, Blob, digest

JPEG = b"\xff\xd8\xff\xe0" + Random(3).randbytes(3 * PIECE)


def keep(work: WorkFile, order_id: str = "o1", content: bytes = JPEG) -> Blob:
    return work.write(lambda tx: blobs.keep(tx, order_id, content))


def content(work: WorkFile, order_id: str = "o1", name: str = digest(JPEG)) -> bytes | None:
    return work.read(lambda reading: blobs.content(reading, order_id, name))


def test_a_photo_is_kept_whole_and_waits_to_be_sent(work: WorkFile) -> None:
    assert keep(work) == keep(work) == Blob(digest(JPEG), len(JPEG), "image/jpeg")
    [kept] = work.read(lambda reading: blobs.of_order(reading, "o1"))
    assert (kept.state, kept.is_here) == (BlobState.UNSENT, True)
    assert content(work) == JPEG


def test_nothing_of_it_lies_open_in_the_file(work: WorkFile) -> None:
    keep(work)
    work.close()
    stored = b"".join(path.read_bytes() for path in work.path.parent.iterdir())
    assert len(stored) > len(JPEG)
    assert not any(JPEG[at : at + 16] in stored for at in range(0, len(JPEG), 4096))


def test_one_image_of_two_orders_is_sealed_for_each(work: WorkFile) -> None:
    keep(work, "o1"), keep(work, "o2")
    work.write(lambda tx: personal.erase(tx, "o1"))
    assert content(work, "o1") is None
    assert content(work, "o2") == JPEG
    assert work.read(lambda reading: blobs.of_order(reading, "o1")) == ()


def test_a_copy_of_the_file_is_noise_without_the_key(work: WorkFile) -> None:
    keep(work)
    work.write(lambda tx: tx.db.execute("DELETE FROM personal_keys"))
    assert content(work) is None


def test_no_piece_stands_in_for_another(work: WorkFile) -> None:
    keep(work)
    swap = "UPDATE blob_pieces SET sealed = (SELECT sealed FROM blob_pieces WHERE start = ?) WHERE start = 0"
    work.write(lambda tx: tx.db.execute(swap, (PIECE,)))
    with pytest.raises(SealBroken):
        content(work)


def test_what_headquarters_named_is_not_here_before_it_came(work: WorkFile) -> None:
    named = Blob("ab" * 32, 9, "image/png")
    for _ in range(2):
        work.write(lambda tx: blobs.wanted(tx, "o1", [named]))
    [kept] = work.read(lambda reading: blobs.of_order(reading, "o1"))
    assert (kept.state, kept.is_here, content(work, name=named.digest)) == (BlobState.WAITING, False, None)


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_photo_has_a_size(work: WorkFile, size: int) -> None:
    with pytest.raises(WorkRefused, match="8 MB"):
        keep(work, content=bytes(size))


def test_its_bytes_say_what_it_is(work: WorkFile) -> None:
    html = b"<script>alert(1)</script>"
    assert work.write(lambda tx: blobs.keep(tx, "o1", html)).media_type == "application/octet-stream"
    png = b"\x89PNG\r\n\x1a\n...."
    assert work.write(lambda tx: blobs.keep(tx, "o1", png, "image/jpeg")).media_type == "image/png"
