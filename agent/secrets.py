"""The agent's secrets: the device's keys and the master key of the work file. The only importer of keyring.

Where they are kept is chosen in agent.toml and never falls back by itself (facts/packaging.md §3): the keyring of the
system, or a file that only its owner may read. All calls block; a keyring may ask over D-Bus.
"""

import json
import secrets as randomness
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError

from agent.config import SecretsPlace
from agent.errors import AgentError
from agent.private_file import write_private
from agent.system import permissions

SERVICE = "yaolink-agent"
FILE = "secrets.json"
MASTER_KEY_BYTES = 32
_NONE = "none"
"""Not every keyring keeps an empty text."""


class SecretsUnusable(AgentError):
    """The chosen place cannot keep or give back a secret."""


class SecretsFile(KeyringBackend):
    """A keyring in one file that its owner alone may read: protected by permissions, not by encryption.

    keyring lists every subclass of `KeyringBackend`; without a priority it never chooses this one by itself.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        kept = self._read()
        kept.setdefault(service, {})[username] = password
        self._write(kept)

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        kept.get(service, {}).pop(username, None)
        self._write(kept)

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            if permissions.others_may_read(self._path):
                raise SecretsUnusable(f"others can read {self._path}", hint=permissions.how_to_close(self._path))
            kept: dict[str, dict[str, str]] = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise SecretsUnusable(f"{self._path} cannot be read: {error}", hint="restore it from a backup") from error
        return kept

    def _write(self, kept: dict[str, dict[str, str]]) -> None:
        try:
            write_private(self._path, json.dumps(kept).encode())
        except OSError as error:
            raise SecretsUnusable(f"{self._path} cannot be written: {error}") from error


class Secrets:
    """What one agent keeps. In a keyring two agents of one machine are told apart by their data folders; a file lies in
    its folder, and may be moved or restored with it."""

    def __init__(self, backend: KeyringBackend, folder: Path, where: str, *, shared: bool) -> None:
        self._backend, self._folder, self.where = backend, folder.resolve(), where
        self._whose = f"@{self._folder}" if shared else ""

    def device_seeds(self) -> tuple[bytes, ...]:
        """The device's private keys, newest first (`agent.device_key`); none before pairing."""
        return tuple(bytes.fromhex(seed) for seed in (self._get("device-keys") or "").split())

    def keep_device_seeds(self, seeds: tuple[bytes, ...]) -> None:
        self._set("device-keys", " ".join(seed.hex() for seed in seeds))

    def pairing_seed(self) -> bytes | None:
        """Of a pairing that has not succeeded yet."""
        kept = self._get("pairing-key")
        return None if kept is None or kept == _NONE else bytes.fromhex(kept)

    def keep_pairing_seed(self, seed: bytes | None) -> None:
        self._set("pairing-key", _NONE if seed is None else seed.hex())

    def erp_password(self) -> str | None:
        """Of the ERP's database; None where nobody gave one."""
        return self._get("erp-password")

    def keep_erp_password(self, password: str) -> None:
        self._set("erp-password", password)

    def master_key(self, *, may_make: bool) -> bytes:
        """Made once, before the work file is; a work file without its key is an error, never a new key."""
        kept = self._get("master-key")
        if kept is None and may_make:
            kept = randomness.token_bytes(MASTER_KEY_BYTES).hex()
            self._set("master-key", kept)
        if kept is None:
            raise SecretsUnusable(
                f"the key of the data in {self._folder} is not in the {self.where}",
                hint="set `secrets` in agent.toml back to what it was, and run the agent as the same user",
            )
        return bytes.fromhex(kept)

    def _get(self, name: str) -> str | None:
        try:
            return self._backend.get_password(SERVICE, self._username(name))
        except _BACKEND_ERRORS as error:
            raise _unusable(self.where, error) from error

    def _set(self, name: str, value: str) -> None:
        try:
            self._backend.set_password(SERVICE, self._username(name), value)
        except _BACKEND_ERRORS as error:
            raise _unusable(self.where, error) from error
        if self._get(name) != value:
            raise SecretsUnusable(f"the {self.where} does not give back what it was given", hint=_HINT)

    def _username(self, name: str) -> str:
        return f"{name}{self._whose}"


_BACKEND_ERRORS = (KeyringError, OSError, EOFError)
"""EOFError: a backend that asks for a password on standard input, which a service has not."""
_HINT = 'set secrets = "file" in agent.toml to keep them in a file that only this user can read'


def open_secrets(place: SecretsPlace, folder: Path) -> Secrets:
    """Raises `SecretsUnusable` where the chosen place cannot be used; nothing else is tried."""
    if place is SecretsPlace.FILE:
        keyring.set_keyring(SecretsFile(folder / FILE))
        return Secrets(keyring.get_keyring(), folder, "secrets file", shared=False)
    if isinstance(keyring.get_keyring(), NoKeyring):
        raise SecretsUnusable("this system has no usable keyring", hint=_HINT)
    return Secrets(keyring.get_keyring(), folder, "keyring", shared=True)


def _unusable(where: str, error: Exception) -> SecretsUnusable:
    return SecretsUnusable(f"the {where} cannot be used: {error}", hint=_HINT)
