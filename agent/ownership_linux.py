"""Files that an administrator makes for the service: they are its account's, so that it can change and delete them."""

import os
import pwd
import stat
from pathlib import Path


def create_for_service(path: Path, owner: str | None, *, private: bool) -> int:
    """A descriptor to write to. The file is `owner`'s, or else its folder's owner's.

    Raises FileExistsError, PermissionError where only the superuser could give it away, LookupError for an account
    that is not there.
    """
    uid, gid = _account(path.parent, owner)
    mode = 0o600 if private else 0o644
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        if (uid, gid) != (os.geteuid(), os.getegid()):
            os.fchown(made, uid, gid)
        os.fchmod(made, mode)
    except OSError:
        os.close(made)
        path.unlink()
        raise
    return made


def make_alike(path: Path, like: os.stat_result) -> None:
    """What replaces a file is its predecessor's owner's, and as readable as that was. Raises OSError."""
    now = path.stat()
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        os.chown(path, like.st_uid, like.st_gid)
    path.chmod(stat.S_IMODE(like.st_mode))


def _account(folder: Path, owner: str | None) -> tuple[int, int]:
    if owner is None:
        found = folder.stat()
        return found.st_uid, found.st_gid
    account = pwd.getpwnam(owner)
    return account.pw_uid, account.pw_gid
