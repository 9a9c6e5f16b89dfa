"""Find the tables that need a materialized view log, and make the statements that create and drop logs.

A materialized view log keeps the changes of a table. The server needs it for a fast refresh of a materialized view,
which applies only the changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..connect.quoting import identifier, literal
from ..sql import lexer
from .materialized_view import selects_star

REASONS = ("mlog", "materialized view log")
"""Words in the server's errors by which the adapter sees that a materialized view log is missing or lacks columns."""

_READ_AFTER = frozenset(["from", "join", ","])


@dataclass
class Base:
    """A table or materialized view that the query of a materialized view reads, with its materialized view log.

    ``columns`` are its columns, and ``logged`` the columns in the log. ``keys`` are the columns of its primary key,
    which are always in the log, although the definition of the log does not name them. ``has_log`` tells whether there
    is a log.
    """

    schema: str
    name: str
    columns: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    logged: set[str] = field(default_factory=set)
    has_log: bool = False

    @property
    def quoted(self) -> str:
        """Return schema and name in backticks."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    def missing(self, query: str) -> list[str]:
        """Return the columns of this table that ``query`` may read and that the log does not have."""
        return [name for name in self._needed(query) if name not in self.logged and name not in self.keys]

    def statements(self, query: str) -> list[str]:
        """Return the statements after which this table has a log with all columns that ``query`` may read.

        The list is empty if the present log has them already. The server cannot add columns to a log, so a present log
        is dropped and created again with its own columns and the missing ones. After that, the next refresh of each
        view that reads the log must be complete, because the server refuses a fast refresh (error 9759).
        """
        if self.has_log and not self.missing(query):
            return []
        wanted = set(self._needed(query)) | self.logged
        columns = ", ".join(identifier(name) for name in self.columns if name in wanted and name not in self.keys)
        listed = f" ({columns})" if columns else ""
        create = f"create materialized view log on {self.quoted} with primary key, rowid, sequence{listed}"
        return [*([self.drop()] if self.has_log else []), f"{create} including new values"]

    def drop(self) -> str:
        """Return the statement that drops the materialized view log of this table."""
        return f"drop materialized view log on {self.quoted}"

    def _needed(self, query: str) -> list[str]:
        if selects_star(query):
            return list(self.columns)
        words = {_unquoted(word) for _, word in lexer.tokens(query)}
        return [name for name in self.columns if name.lower() in words]


def tables_in(query: str, schema: str) -> list[tuple[str, str]]:
    """Return pairs of schema and name, in lower case, for all names in ``query`` that may be tables.

    These are all names of the form ``a.b``, and all names without a dot that follow FROM, JOIN or a comma. For a name
    without a dot, the schema in the pair is ``schema``. Some of the names may belong to something else, such as a
    column. ``bases_query`` finds no table for them.
    """
    words = [word for _, word in lexer.tokens(query)]
    found: dict[tuple[str, str], None] = {}
    for first, dot, second in zip(words, words[1:], words[2:], strict=False):
        if dot == "." and _is_name(first) and _is_name(second):
            found[_unquoted(first), _unquoted(second)] = None
    for before, word, after in zip(words, words[1:], [*words[2:], ""], strict=False):
        if before in _READ_AFTER and _is_name(word) and after != ".":
            found[schema.lower(), _unquoted(word)] = None
    return list(found)


def bases_query(tables: Iterable[tuple[str, str]]) -> str:
    """Return the query for the tables and materialized views among ``tables``, with their columns and logs.

    ``tables`` are pairs of schema and name in lower case, and may contain names of other things. The result has one row
    for each column of a table or materialized view. A row has the schema, the name, the column, and three flags: the
    column is in the primary key, there is a materialized view log, and the log has the column. ``bases_of`` converts
    the rows.
    """
    pairs = ", ".join(f"({literal(schema)}, {literal(name)})" for schema, name in tables)
    return f"""
select t.owner, t.name, c.column_name, c.column_key = 'PRI', l.log_table is not null, k.column_name is not null
from (
  select table_schema as owner, table_name as name, table_name as stored_as from information_schema.tables
  where table_type = 'BASE TABLE' and (lower(table_schema), lower(table_name)) in ({pairs})
  union all
  select owner, mview_name, container_name from oceanbase.DBA_MVIEWS
  where (lower(owner), lower(mview_name)) in ({pairs})
) t
join information_schema.columns c on c.table_schema = t.owner and c.table_name = t.stored_as
left join oceanbase.DBA_MVIEW_LOGS l on l.log_owner = t.owner and l.master = t.stored_as
left join information_schema.columns k
  on k.table_schema = l.log_owner and k.table_name = l.log_table and k.column_name = c.column_name
order by t.owner, t.name, c.ordinal_position
""".strip()


def bases_of(rows: Iterable[Sequence[Any]]) -> list[Base]:
    """Return a ``Base`` for each table or materialized view in ``rows``, the result of ``bases_query``."""
    found: dict[tuple[str, str], Base] = {}
    for schema, name, column, is_key, has_log, is_logged in rows:
        base = found.setdefault((schema, name), Base(schema, name, has_log=bool(has_log)))
        base.columns.append(column)
        if is_key:
            base.keys.add(column)
        if is_logged:
            base.logged.add(column)
    return list(found.values())


def unneeded_query(schema: str | None, name: str | None) -> str:
    """Return the query for the tables whose logs only the materialized view ``schema``.``name`` needs.

    The result has one row per table: schema and name. It has no rows if the refresh method of the view is not ``fast``.
    A table is left out if another view reads it and has the method ``fast`` or ``force``, because a refresh of that
    view uses the log.
    """
    return f"""
select d.dep_owner, d.dep_name
from oceanbase.DBA_MVIEW_DEPS d
join oceanbase.DBA_MVIEWS v on v.owner = d.mview_owner and v.mview_name = d.mview_name and v.refresh_method = 'FAST'
left join oceanbase.DBA_MVIEWS b on b.owner = d.dep_owner and b.mview_name = d.dep_name
join oceanbase.DBA_MVIEW_LOGS l on l.log_owner = d.dep_owner and l.master = coalesce(b.container_name, d.dep_name)
where d.mview_owner = {literal(schema or "")} and d.mview_name = {literal(name or "")} and not exists (
  select 1 from oceanbase.DBA_MVIEW_DEPS o
  join oceanbase.DBA_MVIEWS m on m.owner = o.mview_owner and m.mview_name = o.mview_name
  where o.dep_owner = d.dep_owner and o.dep_name = d.dep_name and m.refresh_method in ('FAST', 'FORCE')
    and (o.mview_owner <> d.mview_owner or o.mview_name <> d.mview_name)
)
""".strip()


def unneeded_drops_query(schema: str | None, name: str | None) -> str:
    """Return the query for the DROP statements of the logs that only the view ``schema``.``name`` needs.

    Each row of the result is one statement. See ``unneeded_query`` for the tables that have these logs.
    """
    owner, table = (f"replace({column}, '`', '``')" for column in ("dep_owner", "dep_name"))
    statement = f"concat('drop materialized view log on `', {owner}, '`.`', {table}, '`')"
    return f"select {statement} from ({unneeded_query(schema, name)}) unneeded"


_READERS = """(select group_concat(concat(d.mview_owner, '.', d.mview_name) order by 1 separator ', ')
   from oceanbase.DBA_MVIEW_DEPS d where d.dep_owner = l.log_owner and d.dep_name = coalesce(m.mview_name, l.master))"""


def logged_query(with_readers: bool = True) -> str:
    """Return the query for all tables with a materialized view log.

    A row has the schema and the name of the table, and the names of the materialized views that read the table, as one
    text. If ``with_readers`` is false, NULL takes the place of this text.
    """
    return f"""
select l.log_owner, coalesce(m.mview_name, l.master), {_READERS if with_readers else "null"}
from oceanbase.DBA_MVIEW_LOGS l
left join oceanbase.DBA_MVIEWS m on m.owner = l.log_owner and m.container_name = l.master
""".strip()


def named_in(statement: str, verb: str) -> Iterator[tuple[str, str]]:
    """Yield schema and name, in lower case, of each table that ``statement`` renames, drops, changes or overwrites.

    ``verb`` has the leading keywords of the statement, as ``lexer.verb`` returns them. A table is found only if the
    statement names it with its schema, both in backticks. For ``rename table``, yield all names of this form. For any
    other verb, yield only the first one.
    """
    words = [word for _, word in lexer.tokens(statement)]
    for first, dot, second in zip(words, words[1:], words[2:], strict=False):
        if dot == "." and first.startswith("`") and second.startswith("`"):
            yield _unquoted(first), _unquoted(second)
            if verb != "rename table":
                return


def _is_name(word: str) -> bool:
    return word.startswith("`") or word[0].isalpha() or word[0] == "_"


def _unquoted(word: str) -> str:
    return word[1:-1].replace("``", "`") if word.startswith("`") else word
