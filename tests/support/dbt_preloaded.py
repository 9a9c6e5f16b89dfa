"""Read the macros of dbt and of the adapter on import, in the process that dbt processes are forked from.

Reading them is the larger part of a first run.
"""

from __future__ import annotations

from pathlib import Path

from dbt.clients.jinja_static import statically_extract_macro_calls
from dbt_common.clients import jinja
from dbt_common.tests import enable_test_caching

from dbt.include import global_project, oceanbase
from support import dbt_cache

BLOCKS = {"macro", "materialization", "test", "data_test"}


def read_macros(folder: Path) -> None:
    """Read the macros of a package as dbt's parser does."""
    for path in folder.rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for block in jinja.extract_toplevel_blocks(text, allowed_blocks=BLOCKS, collect_raw_data=False):
            jinja.parse(block.full_block)
            statically_extract_macro_calls(block.full_block, {})


enable_test_caching()
for package in (global_project, oceanbase):
    read_macros(Path(package.PACKAGE_PATH))
# the last step: a forked process neither scans nor copies what exists by then
dbt_cache.prepare()
