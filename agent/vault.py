"""Personal data at rest: each order has a key of its own, wrapped by the master key that the service brings.

Whoever destroys an order's key has erased the person, in every copy of the file made afterwards and for the
sealed records in all of them (design.md §5).
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.errors import SealBroken
from domain.ids import Randomness

KEY_BYTES = 32
_NONCE_BYTES = 12


class Vault:
    """Wraps and unwraps the keys of orders. Without a master key (the cache file) it refuses."""

    def __init__(self, master_key: bytes | None) -> None:
        if master_key is not None and len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(master_key)}")
        self._master = master_key

    def new_key(self, order_id: str, randomness: Randomness) -> bytes:
        """A fresh key for one order, wrapped."""
        return seal(self._key(), randomness(KEY_BYTES), order_id, randomness)

    def unwrap(self, wrapped: bytes, order_id: str) -> bytes:
        return unseal(self._key(), wrapped, order_id)

    def _key(self) -> bytes:
        if self._master is None:
            raise SealBroken("this file was opened without a master key")
        return self._master


def seal(key: bytes, plain: bytes, label: str, randomness: Randomness) -> bytes:
    """AES-256-GCM; the label is bound to it, so that a record moved to another order does not open."""
    nonce = randomness(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, label.encode())


def unseal(key: bytes, sealed: bytes, label: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], label.encode())
    except InvalidTag as error:
        raise SealBroken(f"the record of {label} does not open with this key") from error
