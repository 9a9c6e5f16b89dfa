"""Parse the macros of dbt and of the adapter when this module is imported.

This module is imported in the process from which dbt processes are forked (see ``dbt_process``). This saves time,
because parsing the macros takes most of the time of a first run.
"""

from __future__ import annotations

from pathlib import Path

from dbt.clients.jinja_static import statically_extract_macro_calls
from dbt_common.clients import jinja
from dbt_common.tests import enable_test_caching

from dbt.include import global_project, oceanbase
from support import dbt_cache

BLOCKS = {"macro", "materialization", "test", "data_test"}


def parse_macros(folder: Path) -> None:
    """Fill dbt's caches by parsing the macros in the folder of a package as dbt's parser does."""
    for path in folder.rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for block in jinja.extract_toplevel_blocks(text, allowed_blocks=BLOCKS, collect_raw_data=False):
            jinja.parse(block.full_block)
            statically_extract_macro_calls(block.full_block, {})


enable_test_caching()
for package in (global_project, oceanbase):
    parse_macros(Path(package.PACKAGE_PATH))
# must come last: a forked process neither scans nor copies the objects that exist at this point
dbt_cache.prepare()
