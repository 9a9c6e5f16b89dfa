"""Compare the two ways to replace a partition: DELETE and INSERT in one transaction, and INSERT OVERWRITE.

Run it with ``python benchmarks/partition_overwrite.py``. The figures decide about ``LARGE_BATCH`` in
``relation_configs/partition_adapter.py``. Kernel 1.4 has no INSERT OVERWRITE.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pymysql

ROOT = Path(__file__).resolve().parents[1]
DIGITS = "(select 0 as i union all select 1 union all select 2 union all select 3 union all select 4)"


def main() -> None:
    """Parse the arguments, replace one of two partitions several times in each way, and print the fastest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--powers", type=int, nargs="*", default=[7, 8], help="rows of the partition: 5 ** power")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kernel", default="1.3")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from support import engines

    with tempfile.TemporaryDirectory(prefix="partitions-") as folder:
        engine = Path(folder, "engine")
        with engines.running(arguments.kernel, engine) as unix_socket:
            connection = pymysql.connect(unix_socket=str(unix_socket), user="root", autocommit=True)
            with connection.cursor() as cursor:
                cursor.execute("set autocommit = 1, ob_query_timeout = 3600000000")
                print(f"kernel {arguments.kernel}, load average {os.getloadavg()[0]:.1f}; seconds, best of", end=" ")
                print(f"{arguments.runs} runs")
                for power in arguments.powers:
                    report(cursor, power, arguments.runs)
        engines.remove(engine)


def report(cursor: Any, power: int, runs: int) -> None:
    """Print the times for a partition with 5 ** ``power`` rows beside another one of the same size."""
    numbers = " join ".join(f"{DIGITS} as d{index}" for index in range(power))
    number = " + ".join(f"d{index}.i * {5**index}" for index in range(power))
    timed(cursor, "drop database if exists partitions", "create database partitions", "use partitions")
    timed(
        cursor,
        "create table t partition by range columns (day) (partition p1 values less than ('2024-01-02'), "
        "partition p2 values less than ('2024-01-03')) as "
        f"select {number} as id, cast('2024-01-01' as date) as day, concat('some text ', {number}) as word "
        f"from {numbers}",
        "insert into t select id, date '2024-01-02', word from t",
        "create table staged as select * from t partition (p1)",
    )
    insert = "t partition (p1) select * from staged"
    deleted = min(
        timed(cursor, "begin", "delete from t where day = date '2024-01-01'", f"insert into {insert}", "commit")
        for _ in range(runs)
    )
    replaced = min(timed(cursor, f"insert overwrite {insert}") for _ in range(runs))
    print(f"{5**power:>9} rows: delete and insert {deleted:6.2f}, insert overwrite {replaced:6.2f}", flush=True)


def timed(cursor: Any, *statements: str) -> float:
    """Run statements and return the seconds that they took."""
    started = time.perf_counter()
    for statement in statements:
        cursor.execute(statement)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
