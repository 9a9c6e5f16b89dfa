"""The benchmarks' launcher measures a command, and not the process that has it measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LAUNCHER = Path(__file__).parents[3] / "benchmarks" / "suite" / "launcher.py"
LARGE = 400 * 1024 * 1024


def test_peak_memory_and_exit_code(tmp_path: Path) -> None:
    ours = bytearray(b"x") * LARGE
    code = "import sys; large = bytearray(b'x') * (100 * 1024 * 1024); sys.exit(3)"
    figures = tmp_path / "figures.json"

    subprocess.run([sys.executable, "-I", "-S", str(LAUNCHER), str(figures), sys.executable, "-c", code], check=True)

    took = json.loads(figures.read_text())
    assert took["exit_code"] == 3
    assert 100 < took["memory"] < len(ours) / 1024 / 1024 - 100
    assert took["seconds"] > 0
    assert took["cpu"] > 0
