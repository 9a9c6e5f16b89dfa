"""Close the files of the embedded engine to all users but their owner.

The engine lets all users read its files and connect to its socket, on which root needs no password. So anyone who may
enter the engine's folders can read all data. This module closes these folders.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..errors import EngineFailed, one_line

logger = logging.getLogger(__name__)

FOLDERS = ("etc", "log", "run", "store", "wallet")
"""Folders that the engine makes in its data folder. All files that the engine writes are in one of them."""

FILES = ("engine_linger", "engine_ready", "engine_starting", "engine_users", "engine_version")
"""Files that the adapter adds to the engine's data folder. They have no data of the user."""

_OTHERS = 0o077
"""The bits of a file's mode that give rights to group and others."""


def tighten(folder: Path) -> None:
    """Remove the rights of group and others on ``folder``, the engine's data folder. Make ``folder`` if it is missing.

    In two cases ``folder`` keeps its rights. Either it also has files that do not belong to the engine, or this process
    cannot change its rights, for example because it is the root of a mounted volume and belongs to another user. Then
    the folders in FOLDERS are made in ``folder`` if they are missing, and the rights of group and others on these
    folders are removed instead. Raise EngineFailed if the rights cannot be removed.
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
    """Remove the rights of group and others on ``folder``, and return whether they are removed now.

    Return False if the system refuses the change, or if the file system ignores it without an error.
    """
    try:
        os.chmod(folder, folder.stat().st_mode & ~_OTHERS & 0o7777)
    except OSError as error:
        logger.debug(f"path: {folder} cannot be closed to other users: {error.strerror}")
        return False
    if not _is_closed(folder):
        return False
    logger.info(f"path: {folder} could be read by other users, and is now closed to all but its owner")
    return True
