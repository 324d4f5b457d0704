"""Our documents in `out`, and the ERP's answers to them."""

import json

import pytest

from domain.erp import DocumentState
from erp.errors import FolderGone
from erp.folder import layout
from tests.agent.erp.conftest import Share


def test_documents_lie_there_until_they_are_answered(share: Share) -> None:
    share.sell(2)
    share.look()
    first, second = share.erp.numbers
    assert share.names("out") == [f"{first:012d}.json", f"{second:012d}.json"]
    told = json.loads((share.root / "out" / share.names("out")[0]).read_text("utf-8"))
    assert (told["number"], told["document_id"], told["lines"][0]["quantity"]) == (first, "sale:o1", 1)
    answers = f"{first},booked,,XS-1\n{second},拒收,无此商品,\n999,booked,,\n{'9' * 20},booked,,\n"
    share.lay("answers1.csv", f"单据编号,结果,原因,ERP单号\n{answers}")
    share.look()
    assert share.states == [DocumentState.ACKNOWLEDGED, DocumentState.REFUSED]
    assert share.names("out") == []
    assert sorted(row[0] for row in share.reasons()) == ["4", "5"]


@pytest.mark.parametrize("content", [f"number,result\n1,{'x' * 200_000}\n", 'number,result\n1,"booked'])
def test_answers_that_are_no_csv_file_are_refused_as_a_whole(share: Share, content: str) -> None:
    """What the reader of CSV files gives up on is no reason to read it again for ever."""
    share.lay("answers1.csv", content)
    share.look()
    assert (share.names("in"), share.reasons()[0][0]) == ([], "整个文件")


def test_fetched_is_acknowledged_where_it_is_set_so(share: Share) -> None:
    share.start("csv", "removal")
    share.sell(2)
    share.look()
    assert share.states == [DocumentState.DELIVERED] * 2
    (share.root / "out" / share.names("out")[0]).unlink()
    share.look()
    assert share.states == [DocumentState.ACKNOWLEDGED, DocumentState.DELIVERED]
    (share.root / "out" / layout.MARK).unlink()
    (share.root / "out" / share.names("out")[0]).unlink()
    with pytest.raises(FolderGone):
        share.look()
    assert share.states[1] is DocumentState.DELIVERED  # an empty mount is no answer
