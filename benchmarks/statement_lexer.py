"""Measure the SQL lexer on texts of one megabyte, and on a packed INSERT of 16 MB; prints the best of five, in ms.

Run: ``python benchmarks/statement_lexer.py``
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dbt.adapters.oceanbase.sql import lexer

MEGABYTE = 1_000_000
REPEATS = 5

MODEL = """\
  union all
  -- each row; as it's delivered
  select
    id,  --the key, don't use it
    'it''s -- no comment' as a, "say \\"x;y\\"" as b, `odd;name` as c,
    case when updated_at > '2024-01-01' then amount --5 else 0 end as d,  # the rest
    /* a block; of text */ 5 --5 as e
  from orders where note <> 'a\\'b;c' and kind in ('x', 'y')
"""
INSERT = "insert into t values (1, 'abc; def', '2024-01-01', null);\n"
ROW = "(1, 'abc', '2024-01-01', null),"


def best(function: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        function()
        return time.perf_counter() - started

    return 1000 * min(once() for _ in range(REPEATS))


def main() -> None:
    model = "select 1" + MODEL * (MEGABYTE // len(MODEL))
    commented = lexer.standard_comments(model)
    inserts = INSERT * (MEGABYTE // len(INSERT))
    packed = "insert into t values " + ROW * (16 * MEGABYTE // len(ROW))
    measured: dict[str, Callable[[], object]] = {
        "standard_comments, 1 MB of model": lambda: lexer.standard_comments(model),
        "standard_comments, nothing to do": lambda: lexer.standard_comments(model.replace("--", "##")),
        "split, 1 MB of model": lambda: lexer.split(commented),
        "split, no separator": lambda: lexer.split(commented.replace(";", ",")),
        "split, 1 MB of small INSERTs": lambda: lexer.split(inserts),
        "kind, 1 MB of model": lambda: lexer.kind(commented),
        "verb, 1 MB of model": lambda: lexer.verb(commented),
        "kind, 16 MB INSERT": lambda: lexer.kind(packed),
        "verb, 16 MB INSERT": lambda: lexer.verb(packed),
    }
    for name, function in measured.items():
        print(f"{name:36} {best(function):9.3f} ms")


if __name__ == "__main__":
    main()
