"""Projects of the cases. Each function writes files into a folder; the SQL is understood by every peer."""

from __future__ import annotations

import csv
import datetime
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import yaml

Writer = Callable[[Path], None]

SEED_COLUMNS = 6
"""Number of columns of a usual seed."""


def write_project(folder: Path, write: Writer, target: dict[str, object]) -> None:
    """Write the project file, the profile with ``target``, and the files of ``write`` into the new ``folder``."""
    folder.mkdir(parents=True)
    project = {"name": "bench", "version": "1.0.0", "profile": "bench", "flags": {"send_anonymous_usage_stats": False}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
    profiles = {"bench": {"target": "dev", "outputs": {"dev": target}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    write(folder)


def models(count: int, materialized: str) -> Writer:
    """Return a writer of ``count`` models of one row that do not depend on each other."""

    def write(folder: Path) -> None:
        (folder / "models").mkdir()
        (folder / "models" / "config.yml").write_text("version: 2\n")
        for number in range(count):
            text = f"{{{{ config(materialized='{materialized}') }}}}\nselect {number} as id, 'n{number}' as name\n"
            (folder / "models" / f"m{number}.sql").write_text(text)

    return write


def mixed(count: int) -> Writer:
    """Return a writer of ``count`` models in layers of 50: views on views, and each fifth model a table."""

    def write(folder: Path) -> None:
        (folder / "models").mkdir()
        for number in range(count):
            kind = "table" if number % 5 == 0 else "view"
            source = "select 1 as id" if number < 50 else f"select id from {{{{ ref('m{number - 50}') }}}}"
            text = f"{{{{ config(materialized='{kind}') }}}}\n{source}\n"
            (folder / "models" / f"m{number}.sql").write_text(text)

    return write


def tested(count: int) -> Writer:
    """Return a writer of 100 views with ``count`` data tests of their columns."""

    def write(folder: Path) -> None:
        models(100, "view")(folder)
        kinds = [("not_null", "unique")[number % 2] for number in range(count // 100)]

        def checks(model: int) -> list[dict[str, dict[str, str]]]:
            return [{kind: {"name": f"test_{number}_of_{model}"}} for number, kind in enumerate(kinds)]

        listed = [{"name": f"m{each}", "columns": [{"name": "id", "data_tests": checks(each)}]} for each in range(100)]
        (folder / "models" / "config.yml").write_text(yaml.safe_dump({"version": 2, "models": listed}))

    return write


def seed_rows(rows: int, columns: int) -> Iterator[list[object]]:
    """Yield the rows of a seed: whole numbers, texts, decimals, booleans, dates and times in turn."""
    chance = random.Random(1)  # noqa: S311 - the same rows each time
    for row in range(rows):
        moment = datetime.datetime(2024, 1, 1) + datetime.timedelta(seconds=row)
        values = (
            row,
            f"name {chance.randrange(10_000)}",
            f"{chance.randrange(100_000) / 100:.2f}",
            chance.choice(("true", "false")),
            moment.date(),
            moment,
        )
        yield [values[column % len(values)] for column in range(columns)]


def seed(rows: int, columns: int = SEED_COLUMNS) -> Writer:
    """Return a writer of a seed with the rows of ``seed_rows``."""

    def write(folder: Path) -> None:
        (folder / "seeds").mkdir()
        with (folder / "seeds" / "rows.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow([f"c{column}" for column in range(columns)])
            out.writerows(seed_rows(rows, columns))

    return write


NUMBERS = """with recursive digits as (select 0 as d union all select 1 union all select 2 union all select 3 union all
select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)
select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d as id
from digits a cross join digits b cross join digits c cross join digits e cross join digits f cross join digits g"""
"""SQL for one million rows with the ids 0 to 999,999."""


def increment(strategy: str, key: bool) -> Writer:
    """Return a writer of an incremental model: one million rows at first, and 100,000 rows in each later run.

    Half of the later rows have keys of the table, if there is a ``key``.
    """

    def write(folder: Path) -> None:
        (folder / "models").mkdir()
        (folder / "models" / "numbers.sql").write_text("{{ config(materialized='table') }}\n" + NUMBERS + "\n")
        unique_key = "unique_key='id', " if key else ""
        text = f"""{{{{ config(materialized='incremental', incremental_strategy='{strategy}', {unique_key}) }}}}
{{% if is_incremental() %}}
select id + 950000 as id, id as amount, 'later' as label from {{{{ ref('numbers') }}}} where id < 100000
{{% else %}}
select id, id as amount, 'first' as label from {{{{ ref('numbers') }}}}
{{% endif %}}
"""
        (folder / "models" / "grown.sql").write_text(text)

    return write


def snapshot(changed: bool) -> Writer:
    """Return a writer of a ``check`` snapshot of 200,000 rows, of which each later run finds 10 % or none changed."""

    def write(folder: Path) -> None:
        (folder / "models").mkdir()
        (folder / "snapshots").mkdir()
        amount = "case when mod(id, 10) = 0 then {{ var('turn', 0) }} else 0 end" if changed else "0"
        rows = f"select id, {amount} as amount from ({NUMBERS}) n where id < 200000"
        (folder / "models" / "rows.sql").write_text("{{ config(materialized='table') }}\n" + rows + "\n")
        spec = {
            "name": "history",
            "relation": "ref('rows')",
            "config": {"unique_key": "id", "strategy": "check", "check_cols": ["amount"]},
        }
        (folder / "snapshots" / "history.yml").write_text(yaml.safe_dump({"snapshots": [spec]}))

    return write


VIEWS, TABLES = partial(models, materialized="view"), partial(models, materialized="table")
