"""Device keys as the hub sees them: the public half of an Ed25519 pair, 32 raw bytes."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES = 32


def is_signed(public_key: bytes, signature: bytes, said: bytes) -> bool:
    """Some 0.1 ms. What is no key has signed nothing."""
    if len(public_key) != KEY_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True
