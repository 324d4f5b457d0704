"""What scans mean: trace codes taken for something else, lots silently wrong where separators were lost, and inputs
that nothing answers. biip alone beside, on the same texts.

A lot or serial is silently wrong where it is not what the pack says and nothing tells so: neither `lot_sure` nor the
lots that the store knows. `control_caught` is what the same count finds in a reader that believes the text it gets.
"""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import biip
import msgspec

from benchmarks import figures, gs1_messages
from benchmarks.gs1_messages import Message
from domain.codes import Code, Gs1Code, TraceCode, classify

Classify = Callable[[str], Code]
_SYMBOLOGIES = ("", "", "", "]C1", "]d2", "]Q3", "]J1", "]e0", "]C0", "]d1", "]J0", "]", "\ufeff")
_SEEDS = ("0106900000000014", "17280630", "10LOT", "21SN", "\x1d", "8101235", "MA.156.M0.", "https://", "YO", "029")


@dataclass(frozen=True, slots=True)
class Size:
    codes: int
    messages: int
    inputs: int


FULL = Size(codes=200_000, messages=20_000, inputs=1_000_000)
SHORT = Size(codes=5_000, messages=500, inputs=10_000)


def trace_codes(count: int, chance: random.Random) -> Iterator[str]:
    for number in range(count):
        yield f"{80 + number % 10}{chance.randrange(10**18):018d}"


def damaged(count: int, chance: random.Random) -> Iterator[tuple[Message, str]]:
    """Messages that lost some separator, each with what was read."""
    for number in range(count):
        match number % 3:
            case 0:
                message = gs1_messages.with_more(chance)
                yield message, message.without_separators()
            case 1:
                message = gs1_messages.with_more(chance)
                yield message, message.with_typed_separators()
            case _:
                message = gs1_messages.usual(chance)
                yield message, message.without_one(chance) if message.separators else message.whole


def silently_wrong(message: Message, read: str, reader: Classify, known: Sequence[str]) -> bool:
    code = reader(read)
    if not isinstance(code, Gs1Code):
        return False
    lot, serial = message.value("10"), message.value("21")
    for told in (code, code.settled(known)):
        wrong_lot = told.lot_sure and told.lot is not None and told.lot != lot
        wrong_code = told.code is not None and told.code != f"{message.value('01')}/{serial}"
        if wrong_lot or wrong_code:
            return True
    return False


def biip_silently_wrong(message: Message, read: str) -> bool:
    parsed = biip.parse(read).gs1_message
    lot = parsed.element_strings.get(ai="10") if parsed is not None else None
    return lot is not None and lot.value != message.value("10")


def believing(text: str) -> Code:
    """The negative control."""
    code = classify(text)
    if not isinstance(code, Gs1Code):
        return code
    return msgspec.structs.replace(code, lot_sure=True, serial_sure=True, others=())


def fuzzed(count: int, chance: random.Random) -> Iterator[str]:
    """Noise, codes cut and glued, and messages with one character changed."""
    for number in range(count):
        body = "".join(chance.choices(_SEEDS, k=chance.randint(0, 5))) if number % 10 == 0 else ""
        noise = "".join(chr(chance.choice((chance.randrange(128), chance.randrange(48, 58), chance.randrange(0x3000))))
            for _ in range(chance.randrange(30)))  # fmt: skip
        text = body + noise
        if number % 20 == 0:
            whole = gs1_messages.with_more(chance).whole
            place = chance.randrange(len(whole))
            text = whole[:place] + chr(chance.randrange(128)) + whole[place + chance.randrange(2) :]
        yield chance.choice(_SYMBOLOGIES) + text


def measure(size: Size) -> dict[str, float | int]:
    chance = random.Random(5)
    misfiled = biip_misfiled = 0
    for code in trace_codes(size.codes, chance):
        misfiled += classify(code) != TraceCode(code)
        biip_misfiled += biip.parse(code).gs1_message is not None
    wrong = biip_wrong = caught = 0
    for message, read in damaged(size.messages, chance):
        known = [*(gs1_messages.lot(chance) for _ in range(20)), message.value("10") or ""]
        wrong += silently_wrong(message, read, classify, known)
        caught += silently_wrong(message, read, believing, known)
        biip_wrong += biip_silently_wrong(message, read)
    doubted, settled = good_messages(size.messages, chance)
    uncaught, biip_uncaught = raised(size.inputs, chance)
    return {
        "codes": size.codes,
        "misfiled": misfiled,
        "biip_misfiled": biip_misfiled,
        "messages": size.messages,
        "silent_wrong_lots": wrong,
        "biip_silent_wrong_lots": biip_wrong,
        "control_caught": caught,
        "doubted_share": doubted / size.messages,
        "settled_share": settled,
        "inputs": size.inputs,
        "uncaught": uncaught,
        "biip_uncaught": biip_uncaught,
    }


def good_messages(count: int, chance: random.Random) -> tuple[int, float]:
    """How many with all their separators are doubted, and the share of those without that a known lot settles."""
    doubted = settled = 0
    for _ in range(count):
        message = gs1_messages.usual(chance)
        whole, bare = classify(message.whole), classify(message.without_separators())
        lot = message.value("10") or ""
        doubted += not isinstance(whole, Gs1Code) or (message.separators > 0 and not whole.lot_sure)
        settled += isinstance(bare, Gs1Code) and bare.settled([lot]).lot == lot
    return doubted, settled / count


def raised(count: int, chance: random.Random) -> tuple[int, int]:
    """Inputs that raise, for us and for biip beyond its own error; broad excepts, for any exception is counted."""
    ours = others = 0
    for text in fuzzed(count, chance):
        try:
            classify(text)
        except Exception:
            ours += 1
        try:
            biip.parse(text)
        except biip.ParseError:
            pass
        except Exception:
            others += 1
    return ours, others


def main() -> int:
    chosen = figures.options("scan_codes", __doc__)
    result = measure(SHORT if chosen.short else FULL)
    figures.report(result, quiet=chosen.json)
    return 0 if result["misfiled"] == result["silent_wrong_lots"] == result["uncaught"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
