"""The secrets file is its owner's only, and survives being changed."""

import stat
from pathlib import Path

import pytest

from cloud import secrets
from cloud.secrets import BadSecrets


def test_made_once_for_its_owner_only(tmp_path: Path) -> None:
    made = secrets.load_or_make(tmp_path)
    assert stat.S_IMODE((tmp_path / secrets.FILE).stat().st_mode) == 0o600
    assert secrets.load_or_make(tmp_path) == made


def test_a_channel_secret_with_any_character_is_kept(tmp_path: Path) -> None:
    made = secrets.load_or_make(tmp_path)
    secrets.set_channel_secret(tmp_path, "meituan", 'a"b\\c密😀')
    found = secrets.load(tmp_path)
    assert found.channels == {"meituan": 'a"b\\c密😀'}
    assert found.master_key == made.master_key


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secrets.load_or_make(tmp_path)
    (tmp_path / secrets.FILE).chmod(0o644)
    with pytest.raises(BadSecrets) as raised:
        secrets.load(tmp_path)
    assert "chmod 600" in raised.value.hint
