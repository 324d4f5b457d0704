"""Code 128 as `GS k 73` wants it, and how wide it comes out (facts/devices.md §3.3).

Code set C packs two digits into one symbol: a 20-digit trace code takes 290 dots instead of 510, which is
what makes it fit 58 mm paper at all. In `{C` the printer expects the packed values 0–99, not ASCII digits.
"""

import re

_QUIET_MODULES = 10
_UNPRINTED_MARGIN = 24
"""Dots of bare paper the head never reaches, at least, on each side: 58 and 80 mm rolls have some 32 to 40."""
_LONGEST = 255
_REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")
_RUNS = re.compile(r"\d{4,}|\D+|\d{1,3}")


def encode_code128(data: str) -> tuple[bytes, int] | None:
    """Bytes after `GS k 73 n`, and the number of modules; None where Code 128 cannot say it.

    Packed digits such as 1604 are the bytes of a real-time command, which some firmware obeys inside data too
    (facts/devices.md §3.2): then the digits are paired one place further.
    """
    if not data or not all(" " <= char <= "~" for char in data):
        return None
    for shifted in (False, True):
        out, symbols = _encode(_code_sets(data, shifted))
        if len(out) <= _LONGEST and not _REAL_TIME.search(out):
            check_and_stop = 11 + 13
            return out, 11 * symbols + check_and_stop
    return None


def _encode(runs: list[tuple[str, str]]) -> tuple[bytes, int]:
    """The data, and how many symbols they make, start and switches included."""
    out, symbols, code_set = bytearray(), 0, ""
    for run, wanted in runs:
        if wanted != code_set:
            out += b"{" + wanted.encode()
            symbols, code_set = symbols + 1, wanted
        if wanted == "C":
            out += bytes(int(run[i : i + 2]) for i in range(0, len(run), 2))
            symbols += len(run) // 2
        else:
            out += run.replace("{", "{{").encode("ascii")
            symbols += len(run)
    return bytes(out), symbols


def module_width(modules: int, dots: int) -> int | None:
    """Widest module that fits with its quiet zones, which may lie on the unprinted margin; None if none does."""
    for width in (3, 2):
        needs_quiet = (modules + 2 * _QUIET_MODULES) * width
        if modules * width <= dots and needs_quiet <= dots + 2 * _UNPRINTED_MARGIN:
            return width
    return None


def _code_sets(data: str, shifted: bool) -> list[tuple[str, str]]:
    """Runs with their code set: pairs out of four or more digits go into C, from the first digit of the run or
    the second; the rest goes into B.
    """
    runs: list[tuple[str, str]] = []
    for run in _RUNS.findall(data):
        if not run[0].isdigit() or len(run) < 4:
            runs.append((run, "B"))
            continue
        start = int(shifted)
        end = len(run) - (len(run) - start) % 2
        runs += [(run[:start], "B"), (run[start:end], "C"), (run[end:], "B")]
    return [(run, code_set) for run, code_set in runs if run]
