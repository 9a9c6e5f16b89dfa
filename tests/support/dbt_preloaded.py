"""Imported by the process that dbt processes are forked from: what each of them would else begin with.

The larger part of a first run is reading the macros of dbt and of the adapter. dbt can keep what it has read, for
the sake of its own tests; here it has read them all before the fork.
"""

from __future__ import annotations

import gc
from pathlib import Path

from dbt.clients.jinja_static import statically_extract_macro_calls
from dbt_common.clients import jinja
from dbt_common.tests import enable_test_caching

from dbt.include import global_project, oceanbase
from support import dbt_costs

BLOCKS = {"macro", "materialization", "test", "data_test"}


def read_macros(folder: Path) -> None:
    """Have dbt read the macros of a package, as its parser does."""
    for path in folder.rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for block in jinja.extract_toplevel_blocks(text, allowed_blocks=BLOCKS, collect_raw_data=False):
            jinja.parse(block.full_block)
            statically_extract_macro_calls(block.full_block, {})


dbt_costs.spare()
enable_test_caching()
for package in (global_project, oceanbase):
    read_macros(Path(package.PACKAGE_PATH))
gc.collect()
gc.freeze()  # what is there by now stays: no collection of a forked process looks at it, and none copies it
