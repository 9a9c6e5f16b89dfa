"""What a child process resets after a fork."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.outside import PATIENCE

PROGRAM = """
import os
from dbt.adapters.oceanbase.connect import forks

def fail():
    print("fails", flush=True)
    raise RuntimeError("of the callback")

forks.reset_in_child(fail)
forks.reset_in_child(lambda: print("is called", flush=True))
child = os.fork()
if not child:
    os._exit(0)
print("child ended with", os.waitpid(child, 0)[1])
"""


def test_all_callbacks_are_called_in_order_in_the_child_only_also_after_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert done.stdout.splitlines() == ["fails", "is called", "child ended with 0"]
    assert "RuntimeError: of the callback" in done.stderr


def test_nothing_else_registers_for_forks() -> None:
    package = Path(__file__).parents[3] / "dbt" / "adapters" / "oceanbase"

    assert [path.name for path in package.rglob("*.py") if "register_at_fork" in path.read_text()] == ["forks.py"]
