"""Sealing what is known of a person: AES-256-GCM under a key per subject, that key sealed under the chain's master key.

A subject is an order or, before its order is known, a push. Destroying a subject's key erases it everywhere, backups of
the table included, and breaks no chain of hashes.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud.errors import MasterKeyUnusable, SealBroken
from domain.ids import Randomness

KEY_BYTES = 32
NONCE_BYTES = 12


class Vault:
    """Holds the master key in memory; keeps no subject's key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise MasterKeyUnusable(
                f"the master key has {len(master_key)} bytes, not {KEY_BYTES}",
                hint="Restore the key file that belongs to this database: without it no personal record can be read.",
            )
        self._master = AESGCM(master_key)

    def new_key(self, subject: str, randomness: Randomness) -> tuple[AESGCM, bytes]:
        """A fresh key for a subject, and the same key sealed, to be stored."""
        key, nonce = randomness(KEY_BYTES), randomness(NONCE_BYTES)
        return AESGCM(key), nonce + self._master.encrypt(nonce, key, subject.encode())

    def open_key(self, subject: str, sealed_key: bytes) -> AESGCM:
        return AESGCM(_open(self._master, sealed_key, subject.encode()))

    def seal(self, key: AESGCM, subject: str, name: str, body: bytes, randomness: Randomness) -> bytes:
        """Bound to its subject and name: a record moved to another row does not open there."""
        nonce = randomness(NONCE_BYTES)
        return nonce + key.encrypt(nonce, body, f"{subject}/{name}".encode())

    def open(self, key: AESGCM, subject: str, name: str, sealed: bytes) -> bytes:
        return _open(key, sealed, f"{subject}/{name}".encode())


def _open(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except InvalidTag as error:
        raise SealBroken(
            "a sealed record does not open", hint="Is this the master key that belongs to this database?"
        ) from error
