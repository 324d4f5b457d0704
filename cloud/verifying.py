"""`yaolink-verify FILE`: whether an audit file is as the chain made it. It needs the file and nothing else of ours: no
settings, no database, no network (docs/audit.md)."""

import argparse
import sys
from pathlib import Path

import msgspec

from cloud.errors import HubError
from cloud.sealed_file import NotWhole, Seal, open_json, open_pdf
from domain.dossier import Dossier, flaws
from domain.times import shown

WHOLE, BROKEN, UNREADABLE = 0, 1, 2
"""Exit codes."""


class OtherKey(HubError):
    """Whole, but sealed by somebody else than the reader expects."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="yaolink-verify", description="Says whether an audit file (JSON or PDF) is as the chain made it."
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--key", metavar="FINGERPRINT", help="of the chain's key, as headquarters publishes it")
    options = parser.parse_args(arguments)
    try:
        print("\n".join(verified(options.file.read_bytes(), options.key)))
    except OSError as error:
        print(f"{options.file} cannot be read: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    except (NotWhole, OtherKey) as error:
        print(f"✗ 文件不可信：{error}\n✗ NOT as it was made: {error}")
        return BROKEN
    return WHOLE


def verified(content: bytes, expected: str | None) -> list[str]:
    """What to print of a file that is whole. Raises `NotWhole`, `OtherKey`."""
    pdf = content.startswith(b"%PDF-")
    body, seal = open_pdf(content) if pdf else open_json(content)
    _hold_key(seal, expected)
    said = [] if pdf else _inside(body)
    known = f"✓ 签名者是 {seal.fingerprint}" if expected else f"✓ 签名者 {seal.fingerprint}，请与总部公布的指纹核对"
    return ["✓ 文件完整，未被改动", known, *said, f"✓ whole; sealed by {seal.fingerprint}", *_beside(seal)]


def _hold_key(seal: Seal, expected: str | None) -> None:
    if expected is not None and _digits(expected) != _digits(seal.fingerprint):
        raise OtherKey(f"签名者是 {seal.fingerprint} / it was sealed by another key")


def _digits(fingerprint: str) -> str:
    return "".join(fingerprint.split()).upper()


def _inside(body: bytes) -> list[str]:
    """The seal says that the chain wrote it; this, that what it wrote does not contradict itself."""
    try:
        dossier = msgspec.json.decode(body, type=Dossier)
        found = flaws(dossier)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NotWhole(f"its content cannot be read: {error}") from error
    if found:
        raise NotWhole("; ".join(found))
    persons, day = "含" if dossier.opened else "不含", shown(dossier.made_at, "%Y-%m-%d %H:%M")
    return [
        f"  订单 {dossier.order.order_id}，门店 {dossier.store}，导出于 {day}，{persons}个人信息",
        f"✓ 门店记录 {len(dossier.steps)} 步、总部审计 {len(dossier.audit)} 条，散列链完好",
    ]


def _beside(seal: Seal) -> list[str]:
    """A PDF names the JSON it shows."""
    return [f"  它所示档案的 SHA-256 / the dossier it shows: {seal.dossier}"] if seal.dossier else []


if __name__ == "__main__":
    sys.exit(main())
