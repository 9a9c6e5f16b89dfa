"""Run a command and write what it took as JSON: ``python -I -S launcher.py FILE COMMAND...``.

Linux counts the memory of the process that starts another one as the peak memory of the new one. So the benchmarks,
which may have hundreds of MB, start this program, which has about 10 MB, and it starts the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command, whose output and folder are those of this program, and write the file."""
    started = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])  # noqa: S603 - the benchmarks pass the command
    _, status, usage = os.wait4(process.pid, 0)
    took = {
        "seconds": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        # ru_maxrss has KiB on Linux
        "memory": usage.ru_maxrss / 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    Path(sys.argv[1]).write_text(json.dumps(took))


if __name__ == "__main__":
    main()
