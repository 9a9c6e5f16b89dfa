"""Find the reason why the embedded engine did not start, in the engine's log."""

from __future__ import annotations

import re
from pathlib import Path

_MAX_BYTES = 33_554_432  # a start writes about 5 MB
_LINE = re.compile(r"^\[[^\]]+\] (ERROR|EDIAG)\s.*?\[errcode=(-?\d+)\] (.*)$", re.M)
_DETAILS = re.compile(r"\((?:ret=|BACKTRACE).*|BACKTRACE:.*|\[server_start \S+\] | you may find solutions .*")
_NAME = re.compile(r'ret="(\w+)"')


def size(log: Path) -> int:
    """Return the size of the log file in bytes, or 0 if the file cannot be found."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def cause(log: Path, begin: int) -> str | None:
    """Return the reason for a failed start, or None if the start has logged no error.

    The first ``begin`` bytes of ``log`` were written before the start, so they are skipped. The last error in the log
    only says that the start failed. The first entry with the same error code has the reason. The result is the text of
    this entry, followed by the error code in parentheses.
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
            # a log that is shorter than before the start has been rotated, so the whole file is new
            file.seek(begin if begin <= size(log) else 0)
            return file.read(_MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""
