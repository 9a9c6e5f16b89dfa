"""The dialect ``oceanbase`` for the parser sqlglot, which finds it by an entry point. The adapter does not use it."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp, transforms
from sqlglot.dialects.mysql import MySQL


class OceanBase(MySQL):
    """MySQL's dialect of sqlglot, with FULL JOIN. MySQL's own dialect writes a UNION of two joins in its place."""

    class Generator(MySQL.Generator):
        """Writes SQL as MySQL's dialect does, but keeps FULL JOIN."""

        TRANSFORMS: ClassVar = {
            **MySQL.Generator.TRANSFORMS,
            exp.Select: transforms.preprocess(
                [
                    transforms.eliminate_distinct_on,
                    transforms.eliminate_semi_and_anti_joins,
                    transforms.eliminate_qualify,
                    transforms.unnest_generate_date_array_using_recursive_cte,
                ]
            ),
        }
