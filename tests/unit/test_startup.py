"""What dbt imports with the adapter, before it knows which command needs what."""

from __future__ import annotations

import subprocess
import sys


def test_leaves_out_what_few_commands_need() -> None:
    text = "import sys, dbt.adapters.oceanbase; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    adapter = "dbt.adapters.oceanbase."
    loaded = {name.removeprefix(adapter) for name in done.stdout.split() if name.startswith(adapter)}
    assert "impl" in loaded
    rare = {"unit_tests", "unit_test_rows", "sql.time_zones", "catalog.debug_report"}
    rare |= {"connect.engine.embedded", "connect.ssh.bastion"}
    assert not rare & loaded
    assert not {"paramiko", "pylibseekdb", "agate"} & set(done.stdout.split())
