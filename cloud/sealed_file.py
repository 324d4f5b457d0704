"""Files that leave the chain and prove themselves: sealed with Ed25519 by the chain's audit key, so that every changed,
added or missing byte is found (docs/audit.md tells the two formats).

JSON: `{"dossier":BODY,"seal":SEAL}` and a line end; the signature covers the bytes of BODY.
PDF: any PDF, then a last line `%yaolink-seal SEAL`, a comment to every viewer; the signature covers all bytes before.
In both, SEAL is written in one way only, and the file is nothing but these parts.
"""

import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cloud.errors import HubError

_JSON_HEAD, _JSON_MIDDLE, _JSON_END = b'{"dossier":', b',"seal":', b"}\n"
_PDF_MARK = b"\n%yaolink-seal "
_SIGNED_JSON, _SIGNED_PDF = b"yaolink dossier json\0", b"yaolink dossier pdf\0"
"""What is signed begins with its kind: a signature under one means nothing under the other."""
_NOT_AS_MADE = "the seal is not written as it is made"


class NotWhole(HubError):
    """The file is not as it was sealed; the message says what was found."""


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`key` is the public key in hexadecimal. `dossier` is the SHA-256 of the JSON's body that a PDF shows."""

    key: str
    signature: str
    dossier: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(bytes.fromhex(self.key))


def fingerprint(public_key: bytes) -> str:
    """Short enough to print and to read aloud: SHA-256 of the key, 40 hexadecimal digits in groups of four."""
    digits = hashlib.sha256(public_key).hexdigest()[:40].upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def seal_json(body: bytes, signer: Ed25519PrivateKey) -> bytes:
    seal = Seal(_public(signer), signer.sign(_SIGNED_JSON + body).hex())
    return _JSON_HEAD + body + _JSON_MIDDLE + msgspec.json.encode(seal) + _JSON_END


def seal_pdf(pdf: bytes, body: bytes, signer: Ed25519PrivateKey) -> bytes:
    """`body` is the JSON that the PDF shows."""
    shown = hashlib.sha256(body).hexdigest()
    signature = signer.sign(_SIGNED_PDF + bytes.fromhex(shown) + pdf).hex()
    return pdf + _PDF_MARK + msgspec.json.encode(Seal(_public(signer), signature, shown)) + b"\n"


def open_json(content: bytes) -> tuple[bytes, Seal]:
    """The body as it was sealed. Raises `NotWhole`."""
    head, middle, rest = content.rpartition(_JSON_MIDDLE)
    if not (head.startswith(_JSON_HEAD) and middle and rest.endswith(_JSON_END)):
        raise NotWhole("this is no sealed dossier, or its end is missing")
    seal = _read(rest.removesuffix(_JSON_END))
    body = head.removeprefix(_JSON_HEAD)
    if seal.dossier:
        raise NotWhole("this is the seal of a PDF")
    _verify(seal, _SIGNED_JSON + body)
    return body, seal


def open_pdf(content: bytes) -> tuple[bytes, Seal]:
    """The PDF without its seal. Raises `NotWhole`."""
    pdf, mark, rest = content.rpartition(_PDF_MARK)
    if not (mark and rest.endswith(b"\n")):
        raise NotWhole("this PDF carries no seal, or its end is missing")
    seal = _read(rest.removesuffix(b"\n"))
    try:
        shown = bytes.fromhex(seal.dossier)
    except ValueError as error:
        raise NotWhole("the seal cannot be read") from error
    if shown.hex() != seal.dossier:
        raise NotWhole(_NOT_AS_MADE)
    _verify(seal, _SIGNED_PDF + shown + pdf)
    return pdf, seal


def _read(written: bytes) -> Seal:
    try:
        seal = msgspec.json.decode(written, type=Seal)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotWhole("the seal cannot be read") from error
    if msgspec.json.encode(seal) != written:
        raise NotWhole(_NOT_AS_MADE)
    return seal


def _verify(seal: Seal, signed: bytes) -> None:
    """Hexadecimal has two ways to write a letter; only one of them is a seal's."""
    try:
        key, signature = bytes.fromhex(seal.key), bytes.fromhex(seal.signature)
        if (key.hex(), signature.hex()) != (seal.key, seal.signature):
            raise NotWhole(_NOT_AS_MADE)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except ValueError as error:
        raise NotWhole("the seal cannot be read") from error
    except InvalidSignature as error:
        raise NotWhole("the file was changed after it was sealed") from error


def _public(signer: Ed25519PrivateKey) -> str:
    return signer.public_key().public_bytes_raw().hex()
