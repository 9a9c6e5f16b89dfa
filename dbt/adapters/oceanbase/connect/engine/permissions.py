"""Access to the engine's files: the owner's alone.

The engine makes its files readable for everybody, also the socket, on which root needs no password. Whoever may enter
its folders reads all data.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..errors import EngineFailed, one_line

logger = logging.getLogger(__name__)

FOLDERS = ("etc", "log", "run", "store", "wallet")
"""Folders of the engine within its own: everything that it writes is in one of them."""

FILES = ("engine_ready", "engine_starting", "engine_version")
"""Files that the adapter adds. They hold nothing of a user's."""

_OTHERS = 0o077
"""The rights of group and others."""


def tighten(folder: Path) -> None:
    """Make the engine's ``folder`` if it does not exist, and close it to group and others.

    A folder that also has other things, or belongs to another user, as the root of a mounted volume may, keeps its
    rights, and the engine's folders in it are closed instead. Raise EngineFailed if that cannot be done.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_closed(folder):
        return
    if {each.name for each in folder.iterdir()} <= {*FOLDERS, *FILES} and _close(folder):
        return
    for each in (folder / name for name in FOLDERS):
        each.mkdir(mode=0o700, exist_ok=True)
        if not _is_closed(each) and not _close(each):
            raise EngineFailed(
                f"path: other users can read the data in {one_line(str(each), 80)}, and this user cannot change that: "
                "have its owner run chmod -R go-rwx on it, or choose a folder of your own on a file system with rights"
            )


def _is_closed(folder: Path) -> bool:
    return not folder.stat().st_mode & _OTHERS


def _close(folder: Path) -> bool:
    """Close ``folder`` and return whether it is closed: some file systems ignore a change without an error."""
    try:
        os.chmod(folder, folder.stat().st_mode & ~_OTHERS & 0o7777)
    except OSError as error:
        logger.debug(f"path: {folder} cannot be closed to other users: {error.strerror}")
        return False
    if not _is_closed(folder):
        return False
    logger.info(f"path: other users could read {folder}: it is closed to all but its owner now")
    return True
