"""The dialect ``oceanbase`` for the parser sqlglot. sqlglot finds it by an entry point. The adapter does not use it."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL


class OceanBase(MySQL):
    """The MySQL dialect of sqlglot, except that a FULL JOIN is kept and not replaced by a UNION of two joins."""

    def generate(self, expression: Any, copy: bool = True, **opts: Any) -> str:
        """Return the SQL of a sqlglot expression as MySQL's dialect writes it, but keep FULL JOIN.

        Without ``copy``, ``expression`` itself may be changed. ``opts`` are options of sqlglot's generator.
        """
        # MySQL's generator replaces joins whose side is FULL. It cannot be subclassed where sqlglot is compiled.
        if any(join.side == "FULL" for join in expression.find_all(exp.Join)):
            expression = expression.copy() if copy else expression
            for join in expression.find_all(exp.Join):
                if join.side == "FULL":
                    join.set("side", "FULL OUTER")
                    join.set("kind", None)
        return str(super().generate(expression, copy=copy, **opts))
