"""Find in the engine's log why it did not start."""

from __future__ import annotations

import re
from pathlib import Path

_MAX_BYTES = 33_554_432  # a start writes about 5 MB
_LINE = re.compile(r"^\[[^\]]+\] (ERROR|EDIAG)\s.*?\[errcode=(-?\d+)\] (.*)$", re.M)
_DETAILS = re.compile(r"\((?:ret=|BACKTRACE).*|BACKTRACE:.*|\[server_start \S+\] | you may find solutions .*")
_NAME = re.compile(r'ret="(\w+)"')


def size(log: Path) -> int:
    """Return the size of the log in bytes, 0 if there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def cause(log: Path, begin: int) -> str | None:
    """Return the first error in the log, after ``begin`` bytes, with the code that the start ended with.

    The last error of a failed start only says that it failed. The first one with the same code names the reason.
    Returns None if no error was logged.
    """
    lines = _LINE.findall(_written(log, begin))
    ends = [code for level, code, _ in lines if level == "ERROR" and code != "0"]
    codes = ends or [code for _, code, _ in lines if code != "0"]
    if not codes:
        return None
    text = next(text for _, code, text in lines if code == codes[-1])
    name = _NAME.search(text)
    return f"{_DETAILS.sub('', text).strip()} ({codes[-1]}{' ' + name[1] if name else ''})"


def _written(log: Path, begin: int) -> str:
    try:
        with log.open("rb") as file:
            # a log that is shorter than before has been rotated
            file.seek(begin if begin <= size(log) else 0)
            return file.read(_MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""
