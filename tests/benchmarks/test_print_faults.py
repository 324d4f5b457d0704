"""The campaign's checker itself: each thing it is there to find, it finds, and nothing else."""

from collections import Counter

from benchmarks.print_faults.checker import Findings, History, check
from benchmarks.print_faults.paper import Key, Paper, read
from benchmarks.print_faults.records import Record, Step
from drivers.virtual.commands import Tokenizer
from drivers.virtual.mechanism import Mechanism
from drivers.virtual.slip import ROLL_80, VirtualSlip

KEY = Key("2706", "picking", 1, 0)


def record(*steps: tuple[str, float], key: Key = KEY, evidence: str | None = "A", cause: str = "") -> Record:
    """`steps` are states and their moments; the last one has the cause, and the evidence if it is "printed"."""
    made = tuple(
        Step(state, cause if (state, at) == steps[-1] else "", evidence if state == "printed" else None, "p", at)
        for state, at in steps
    )
    last = made[-1]
    return Record(key, last.state, last.cause, last.evidence, "p", made)


PRINTED = record(("sending", 1.0), ("confirming", 1.1), ("printed", 2.0))


def paper(at: float = 1.9, *, key: Key = KEY, is_whole: bool = True, printer: str = "p") -> Paper:
    return Paper(key, printer, at, is_whole, frozenset())


def judged(records: list[Record], papers: list[Paper], history: History | None = None) -> Findings:
    return check(
        records,
        papers,
        histories={"p": history or []},
        proving={"p"},
        struck=Counter(),
        kills=0,
        orders={"2706"},
        cancelled=set(),
    )


def counted(found: Findings) -> dict[str, int]:
    names = ("false_printed", "too_early", "unmarked_duplicates", "lost", "sent_missing", "unknown_left",
             "unknown_in_flight", "unknown_without_word")  # fmt: skip
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def test_a_slip_that_lies_there_is_in_order() -> None:
    found = judged([PRINTED], [paper()])
    assert counted(found) == {}
    assert (found.met_nothing, found.by_id, found.papers) == (1, 1, 1)


def test_the_printers_word_without_paper_is_false() -> None:
    assert counted(judged([PRINTED], [])) == {"false_printed": 1, "lost": 1}
    assert counted(judged([PRINTED], [paper(is_whole=False)])) == {"false_printed": 1, "lost": 1}
    assert counted(judged([PRINTED], [paper(printer="another")])) == {"false_printed": 1}


def test_a_word_before_the_paper_is_too_early() -> None:
    assert counted(judged([PRINTED], [paper(2.5)])) == {"too_early": 1}


def test_what_was_only_sent_promises_nothing() -> None:
    sent = record(("sending", 1.0), ("printed", 2.0), evidence="C")
    assert counted(judged([sent], [])) == {"sent_missing": 1}


def test_two_papers_alike_are_a_duplicate_and_a_marked_one_is_none() -> None:
    assert counted(judged([PRINTED], [paper(), paper(1.95)])) == {"unmarked_duplicates": 1}
    marked = paper(3.0, key=Key("2706", "picking", 1, 1))
    assert counted(judged([PRINTED], [paper(), marked])) == {}
    assert counted(judged([PRINTED], [paper(), marked, marked])) == {"unmarked_duplicates": 1}
    assert counted(judged([PRINTED], [paper(), paper(1.5, is_whole=False)])) == {}, "half a slip is none"


def test_an_order_nobody_prints_or_asks_about_is_lost() -> None:
    assert counted(judged([], [])) == {"lost": 1}
    said_so = record(("sending", 1.0), ("unknown", 2.0), ("printed", 3.0), evidence=None, cause="clerk")
    assert counted(judged([said_so], [])) == {"lost": 1, "unknown_left": 1}
    waiting = record(("accepted", 1.0), ("held", 1.0), cause="paper_out")
    assert counted(judged([waiting], [])) == {}


def test_a_slip_withdrawn_unsent_is_not_missed_and_one_to_be_reprinted_is() -> None:
    killed = record(("sending", 1.0), ("unknown", 2.0), ("withdrawn", 3.0), cause="reprinted")
    superseded = record(("accepted", 3.0), ("withdrawn", 4.0), cause="superseded", key=Key("2706", "picking", 1, 1))
    assert counted(judged([superseded], [])) == {}
    assert judged([killed, superseded], []).lost == 0
    assert judged([killed], []).lost == 1


def test_unknown_is_right_where_something_was_cut() -> None:
    silent = record(("sending", 1.0), ("confirming", 1.1), ("unknown", 9.0), cause="PrinterSilent")
    assert counted(judged([silent], [])) == {"unknown_left": 1}
    assert counted(judged([silent], [], [(0.5, "stalled"), (9.5, None)])) == {"unknown_left": 1}
    assert counted(judged([silent], [], [(5.0, "reset")])) == {"unknown_in_flight": 1}
    assert counted(judged([silent], [], [(0.5, "power_loss"), (5.0, None)])) == {"unknown_in_flight": 1}
    assert counted(judged([silent], [], [(0.5, "reset"), (0.8, None)])) == {"unknown_left": 1}, "that was before"
    assert counted(judged([silent], [], [(5.0, "mute")])) == {"unknown_without_word": 1}
    killed = record(("sending", 1.0), ("unknown", 9.0), cause="restart")
    assert counted(judged([killed], [])) == {"unknown_in_flight": 1}


def printed(text: str) -> VirtualSlip:
    mechanism = Mechanism(ROLL_80)
    for command in Tokenizer().feed(b"\x1b@" + text.encode("gbk") + b"\x1dV\x00"):
        mechanism.execute(command)
    return mechanism.slips[0]


def test_paper_is_read_as_a_person_would() -> None:
    slip = printed(
        "补打 第2次\n拣货单\n订单有变更 第3次 以本单为准\n单号     2706\n布洛芬1    ×1盒\n打印 11-22 12:00\n"
    )
    assert read(slip.pieces[0], "p", 1.0) == Paper(Key("2706", "picking", 3, 2), "p", 1.0, True, frozenset({"布洛芬1"}))
    half = read(printed("拣货单\n单号     2706\n布洛芬1    ×1盒\n").pieces[0], "p", 1.0)
    assert half and not half.is_whole
    stop = read(printed("停止拣货\n单号     2706\n打印 11-22 12:00\n").pieces[0], "p", 1.0)
    assert stop and stop.key == Key("2706", "stop", 1, 0)
    assert read(printed("美团 #1\n").pieces[0], "p", 1.0) is None
