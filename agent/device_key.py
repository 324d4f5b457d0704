"""The device's key: an Ed25519 pair made here at pairing, whose private half never leaves this computer (facts/sync.md
§5). What it signs stands in `domain.signatures`."""

from functools import cached_property
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.secrets import Secrets
from domain.ids import Randomness

SEED_BYTES = 32
KEPT = 2
"""The newest key and the one before, which a hub knows that never heard of the newest, or was restored since."""


class DeviceKey:
    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @cached_property
    def public_key(self) -> bytes:
        return self._private.public_key().public_bytes_raw()

    def sign(self, said: bytes) -> bytes:
        return self._private.sign(said)


class DeviceKeys:
    """In the place of the agent's secrets. All calls block."""

    def __init__(self, secrets: Secrets, randomness: Randomness = token_bytes) -> None:
        self._secrets, self._randomness = secrets, randomness

    def all(self) -> tuple[DeviceKey, ...]:
        """Newest first; none before pairing."""
        return tuple(DeviceKey(seed) for seed in self._secrets.device_seeds())

    def for_pairing(self) -> DeviceKey:
        """The same until a pairing has succeeded: an answer may have been lost."""
        seed = self._secrets.pairing_seed()
        if seed is None:
            seed = self._randomness(SEED_BYTES)
            self._secrets.keep_pairing_seed(seed)
        return DeviceKey(seed)

    def begin(self) -> None:
        """The key of this pairing is the device's only one now."""
        seed = self._secrets.pairing_seed()
        if seed is not None:
            self._secrets.keep_device_seeds((seed,))

    def paired(self) -> None:
        """The next pairing has a key of its own."""
        self._secrets.keep_pairing_seed(None)

    def renew(self) -> None:
        """A newer one, kept before anybody hears of it. To be called only while the hub knows the newest."""
        self._secrets.keep_device_seeds((self._randomness(SEED_BYTES), *self._secrets.device_seeds())[:KEPT])
