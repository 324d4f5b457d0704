import stat
from collections.abc import Callable
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

from agent.config import SecretsPlace
from agent.secrets import FILE, SecretsFile, SecretsUnusable, open_secrets

pytestmark = pytest.mark.usefixtures("keyring_as_found")


class ForgetfulKeyring(keyring.backend.KeyringBackend):
    """As keyring's own null backend: takes everything and keeps nothing."""

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        return None


def backend(kind: type[keyring.backend.KeyringBackend]) -> keyring.backend.KeyringBackend:
    """keyring's backends have untyped constructors."""
    make: Callable[[], keyring.backend.KeyringBackend] = kind
    return make()


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    secrets = open_secrets(SecretsPlace.FILE, tmp_path)
    secrets.keep_device_seeds((b"geheim",))
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert open_secrets(SecretsPlace.FILE, tmp_path).device_seeds() == (b"geheim",)


def test_a_folder_that_is_moved_takes_its_secrets_along(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    made = open_secrets(SecretsPlace.FILE, before).master_key(may_make=True)
    before.rename(after)
    assert open_secrets(SecretsPlace.FILE, after).master_key(may_make=False) == made


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    open_secrets(SecretsPlace.FILE, tmp_path).keep_device_seeds((b"geheim",))
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(SecretsUnusable, match="others can read") as caught:
        open_secrets(SecretsPlace.FILE, tmp_path).device_seeds()
    assert caught.value.hint.startswith("chmod 600")


def test_the_master_key_is_made_once(tmp_path: Path) -> None:
    made = open_secrets(SecretsPlace.FILE, tmp_path).master_key(may_make=True)
    assert len(made) == 32
    assert open_secrets(SecretsPlace.FILE, tmp_path).master_key(may_make=True) == made


def test_data_without_its_key_are_an_error_and_no_new_key(tmp_path: Path) -> None:
    with pytest.raises(SecretsUnusable, match="the key of the data"):
        open_secrets(SecretsPlace.FILE, tmp_path).master_key(may_make=False)
    assert not (tmp_path / FILE).exists()


def test_without_a_keyring_nothing_else_is_tried(tmp_path: Path) -> None:
    keyring.set_keyring(backend(keyring.backends.fail.Keyring))
    with pytest.raises(SecretsUnusable, match="no usable keyring") as caught:
        open_secrets(SecretsPlace.KEYRING, tmp_path)
    assert 'secrets = "file"' in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_forgets_is_noticed(tmp_path: Path) -> None:
    keyring.set_keyring(backend(ForgetfulKeyring))
    with pytest.raises(SecretsUnusable, match="does not give back"):
        open_secrets(SecretsPlace.KEYRING, tmp_path).keep_device_seeds((b"geheim",))


def test_the_file_is_never_chosen_by_itself() -> None:
    assert SecretsFile not in set(keyring.backend.KeyringBackend.get_viable_backends())


def test_two_agents_of_one_machine_keep_apart(tmp_path: Path) -> None:
    one, two = (open_secrets(SecretsPlace.FILE, tmp_path / name) for name in ("a", "b"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one.keep_device_seeds((b"first",))
    two.keep_device_seeds((b"second", b"first"))
    assert (one.device_seeds(), two.device_seeds()) == ((b"first",), (b"second", b"first"))


def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(mode=0o600)
    (tmp_path / FILE).write_text("{")
    with pytest.raises(SecretsUnusable, match="cannot be read"):
        open_secrets(SecretsPlace.FILE, tmp_path).keep_device_seeds((b"geheim",))
    assert (tmp_path / FILE).read_text() == "{"
