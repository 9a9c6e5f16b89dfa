"""Measure the SQL lexer on texts of 1 MB, on 1,000 small statements, and on a packed INSERT of 16 MB.

Print the best of five runs in ms of CPU.

Run: ``python benchmarks/statement_lexer.py``
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dbt.adapters.oceanbase.sql import lexer, standard
from dbt.adapters.oceanbase.sql.statement import Statement

MEGABYTE = 1_000_000
SMALLS = 1000
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
SMALL = """\
select o.id, o.amount, upper(c.name) as name, 'it''s' as a
from orders as o join customers as c on c.id = o.customer_id
where o.kind in ('x', 'y') and o.at >= date '2024-01-01'
"""
INSERT = "insert into t values (1, 'abc; def', '2024-01-01', null);\n"
ROW = "(1, 'abc', '2024-01-01', null),"


def best(function: Callable[[], object]) -> float:
    def once() -> float:
        started = time.process_time()
        function()
        return time.process_time() - started

    return 1000 * min(once() for _ in range(REPEATS))


def rewrite_all(statements: list[str]) -> object:
    return [standard.rewritten(statement, concat=True) for statement in statements]


def read_all(statement: Statement) -> object:
    """Read what the runner needs to know about a statement that succeeds."""
    changes_session = not statement.is_abridged and statement.changes_session
    return statement.needs_transaction, statement.logged, changes_session, statement.kind, statement.verb


def main() -> None:
    model = "select 1" + MODEL * (MEGABYTE // len(MODEL))
    commented = lexer.standard_comments(model)
    inserts = INSERT * (MEGABYTE // len(INSERT))
    packed = "insert into t values " + ROW * (16 * MEGABYTE // len(ROW))
    plain = [f"{SMALL} limit {number}" for number in range(SMALLS)]
    marked = [statement.replace("o.amount", "o.amount::int, o.id || '-' || c.id") for statement in plain]
    measured: dict[str, Callable[[], object]] = {
        "standard_comments, 1 MB of model": lambda: lexer.standard_comments(model),
        "standard_comments, nothing to do": lambda: lexer.standard_comments(model.replace("--", "##")),
        "split, 1 MB of model": lambda: lexer.split(commented),
        "split, no separator": lambda: lexer.split(commented.replace(";", ",")),
        "split, 1 MB of small INSERTs": lambda: lexer.split(inserts),
        "standard SQL, nothing to do": lambda: standard.rewritten(commented),
        "standard SQL, 1 MB with a cast": lambda: standard.rewritten(f"{commented}, a::int"),
        "standard SQL, 1,000 small, nothing": lambda: rewrite_all(plain),
        "standard SQL, 1,000 small with ::, ||": lambda: rewrite_all(marked),
        "kind, 1 MB of model": lambda: Statement(commented).kind,
        "verb, 1 MB of model": lambda: lexer.verb(commented),
        "all that is read, 1 MB of model": lambda: read_all(Statement(commented)),
        "kind, 16 MB INSERT": lambda: Statement(packed).kind,
        "verb, 16 MB INSERT": lambda: lexer.verb(packed),
        "all that is read, 16 MB INSERT": lambda: read_all(Statement(packed, is_abridged=True)),
    }
    for name, function in measured.items():
        print(f"{name:38} {best(function):9.3f} ms")


if __name__ == "__main__":
    main()
