"""Why an engine did not start, as its log tells."""

from __future__ import annotations

import re
from pathlib import Path

_MOST = 33_554_432  # bytes; a start writes about 5 MB
_LINE = re.compile(r"^\[[^\]]+\] (ERROR|EDIAG)\s.*?\[errcode=(-?\d+)\] (.*)$", re.M)
_DETAILS = re.compile(r"\((?:ret=|BACKTRACE).*|BACKTRACE:.*|\[server_start \S+\] | you may find solutions .*")
_NAME = re.compile(r'ret="(\w+)"')


def size(log: Path) -> int:
    """Give the bytes that the log has now; 0 where there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def cause(log: Path, begin: int) -> str | None:
    """Give the first error of the code that the start ended with, from what was written after ``begin`` bytes.

    The last error of a failed start only says that it failed; the one that was logged first with the same code
    names the reason. None where nothing was logged.
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
            # the engine turns the log over when it has grown
            file.seek(begin if begin <= size(log) else 0)
            return file.read(_MOST).decode(errors="replace")
    except OSError:
        return ""
