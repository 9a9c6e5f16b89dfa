"""External tables, whose rows are in files. Sources can be external tables, and so can models.

A source describes its external table under the key ``external``. A model with ``materialized: external`` writes its
rows to files, and the adapter then creates an external table that reads these files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..connect.quoting import identifier, literal
from ..sql.statement import without_secrets
from ..sql.types import INTEGER_TYPES, base_type, cast_target, ddl_type
from . import external_format, values
from .components import Get, error
from .external_format import FileFormat

PLACE = "external"

KEYS = ("location", "file_format", "pattern", "options", "partitions", "auto_refresh")
"""Keys that a source may have under ``external``."""

ALIASES = {"format": "file_format", "using": "file_format"}
"""Other names for keys under ``external``, as other adapters have them, each with the name in ``KEYS``."""

REFUSED_KEYS = ("row_format", "tbl_properties")
"""Keys under ``external`` that dbt defines for other databases. A source that sets one of them raises ConfigError.

If the project does not set such a key, dbt passes None for it. None and empty values are ignored.
"""

CONFIGS = ("location", "format", "options")
"""Configs that only models with ``materialized: external`` have."""

_DBT_KEYS = ("name", "description", "data_type", "meta", "expression")
_PARTITION_TYPES = frozenset(("char", "varchar", "varbinary", "bigint", "date", "datetime", "time", "year"))
"""Types that a partition column of an external table may have if the source gives no expression for it."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)


@dataclass(frozen=True)
class ExternalColumn:
    """A column of an external table.

    ``expression`` is SQL that returns the column's value for a row of a file. If it is empty, the server finds the
    value itself: in a CSV file by the position of the column (with the option ``parse_header`` by its name), and in a
    Parquet file by its name.
    """

    name: str
    data_type: str
    expression: str = ""
    comment: str = ""

    @property
    def clause(self) -> str:
        """Return the definition of the column in CREATE EXTERNAL TABLE."""
        expression = f" as ({self.expression})" if self.expression else ""
        comment = f" comment {literal(self.comment)}" if self.comment else ""
        return f"{identifier(self.name)} {self.data_type}{expression}{comment}"


@dataclass(frozen=True)
class ExternalTable:
    """An external table: where its files are, in what format, and which columns it has.

    ``partitions`` are columns whose values are the same for all rows of a file, usually because they are read from the
    file's path. ``pattern`` is a regular expression that selects the files. ``auto_refresh`` says when the server looks
    for new files. ``collation`` is the collation of all text columns, or empty.
    """

    location: str
    file_format: FileFormat
    columns: tuple[ExternalColumn, ...]
    partitions: tuple[ExternalColumn, ...] = ()
    pattern: str = ""
    auto_refresh: str = ""
    comment: str = ""
    collation: str = ""

    def create_statement(self, name: str) -> str:
        """Return CREATE EXTERNAL TABLE for the table whose quoted name is ``name``."""
        columns = ", ".join(column.clause for column in (*self.columns, *self.partitions))
        names = ", ".join(identifier(column.name) for column in self.partitions)
        parts = (
            f"create external table {name} ({columns})",
            f"comment = {literal(self.comment)}" if self.comment else "",
            f"collate = {self.collation}" if self.collation else "",
            f"location = {literal(self.location)}",
            # the server takes these only before FORMAT
            f"pattern = {literal(self.pattern)}" if self.pattern else "",
            f"auto_refresh = {self.auto_refresh}" if self.auto_refresh else "",
            self.file_format.clause,
            f"partition by ({names})" if names else "",
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class ModelFiles:
    """The files to which the rows of a model are written.

    ``location`` is the folder as a URL. ``stem`` is the beginning of the files' names, which no other file has.
    ``max_file_size`` is the size in bytes from which the server begins another file, or None for a single file.
    """

    location: str
    stem: str
    file_format: FileFormat
    max_file_size: int | None = None

    def into_clause(self) -> str:
        """Return the clause INTO OUTFILE, with which a SELECT writes its rows to these files."""
        folder, separator, access = self.location.partition("?")
        name = self.stem if self.max_file_size else f"{self.stem}.{self.file_format.name}"
        path = f"{folder.rstrip('/')}/{name}{separator}{access}".removeprefix("file://")
        size = f" single = false max_file_size = {self.max_file_size}" if self.max_file_size else " single = true"
        return f"into outfile {literal(path)} {self.file_format.clause}{size}"

    def select_list(self, columns: Iterable[Any]) -> str:
        """Return the SQL of the select list that writes ``columns``, the columns of the model's query.

        It is ``*``, unless a column has the type FLOAT and the files are CSV. The server writes a FLOAT into CSV files
        with six digits, so such a column is cast to DOUBLE, which is written with all its digits.
        """
        listed = list(columns)
        if self.file_format.name != "csv" or all(column.dtype != "float" for column in listed):
            return "*"
        names = ((identifier(column.name), column.dtype) for column in listed)
        return ", ".join(f"cast({name} as double) as {name}" if kind == "float" else name for name, kind in names)

    def table(self, columns: Iterable[Any], comments: Mapping[str, str], comment: str = "") -> ExternalTable:
        """Return the external table that reads these files.

        ``columns`` are the columns of the model's query with their collations. ``comments`` are the comments of columns
        by column name in lower case, and ``comment`` is the comment of the table. Raise ConfigError for a column whose
        values cannot be read back from files, or if tables of this format cannot have the collations of the columns.
        """
        listed = list(columns)
        collation = self._collation(listed)
        found = []
        for number, column in enumerate(listed, 1):
            if column.data_type.partition("(")[0] == "bit":
                raise error(
                    f"column {column.name}", "bits cannot be read back from files", f"cast({column.name} as unsigned)"
                )
            # the server takes a collation of a column only with an expression; this one is the default of CSV files
            own = bool(column.collation) and not collation
            data_type = f"{column.data_type} collate {column.collation}" if own else column.data_type
            expression = f"metadata$filecol{number}" if own else ""
            found.append(ExternalColumn(column.name, data_type, expression, comments.get(column.name.lower(), "")))
        return ExternalTable(
            self.location,
            external_format.read_back(self.file_format),
            tuple(found),
            pattern=f".*{self.stem}.*",
            comment=comment,
            collation=collation,
        )

    def _collation(self, columns: Iterable[Any]) -> str:
        """Return the collation of all text columns of the external table, or an empty text if each column has its own.

        ``columns`` are the columns of the model's query. Each text column needs its own if the collations differ or
        belong to another character set than utf8mb4. Only CSV files allow this, so raise ConfigError for any other
        format.
        """
        collations = {column.collation for column in columns if column.collation}
        if len(collations) < 2 and all(each.startswith("utf8mb4_") for each in collations):
            return next(iter(collations), "")
        if self.file_format.name != "csv":
            named = ", ".join(f"{column.name} {column.collation}" for column in columns if column.collation)
            problem = f"the text columns have several collations, or one of another character set ({named})"
            raise error(
                f"format: {self.file_format.name}",
                problem,
                "give all the same, as in `x collate utf8mb4_bin` or `convert(x using utf8mb4)`, or write csv",
            )
        return ""


def of_source(node: Mapping[str, Any]) -> ExternalTable:
    """Return the external table that a source describes under its key ``external``.

    ``node`` is the source in dbt's graph. Raise ConfigError for an unknown key, a wrong value, or a column without a
    type.
    """
    given = {key: value for key, value in node[PLACE].items() if value is not None}
    for key in REFUSED_KEYS:
        if given.get(key):
            raise error(f"{PLACE}.{key}", "OceanBase has none", "write file_format and options")
    given = {key: value for key, value in given.items() if key not in REFUSED_KEYS}
    found = values.renamed(PLACE, given, KEYS, ALIASES)
    columns = tuple(_column(column) for column in (node.get("columns") or {}).values())
    if not columns:
        raise error("columns", "an external table needs its columns", "list them, each with its data_type")
    listed = found.get("partitions") or ()
    if not isinstance(listed, list | tuple):
        raise error(f"{PLACE}.partitions", f"{listed!r} is no list", "write [{name: day, data_type: date}]")
    partitions = tuple(map(_partition, listed))
    names = [column.name.lower() for column in (*columns, *partitions)]
    for name in names:
        if names.count(name) > 1:
            raise error(f"{PLACE}.partitions", f"{name} is the name of two columns", "remove one of them")
    return ExternalTable(
        location(f"{PLACE}.location", found.get("location")),
        external_format.to_read(PLACE, found.get("file_format"), found.get("options")),
        columns,
        partitions,
        values.text(f"{PLACE}.pattern", found.get("pattern")),
        _auto_refresh(found.get("auto_refresh")),
    )


def of_model(get: Get, stem: str) -> ModelFiles:
    """Return the location, names and format of the files to which a model writes its rows.

    ``get`` returns the value of a config of the model by name. ``stem`` is the beginning of the files' names. Raise
    ConfigError for a wrong value, or if the config ``location`` is missing.
    """
    file_format, size = external_format.to_write(get("format"), get("options"))
    return ModelFiles(location("location", get("location")), stem, file_format, size)


def check_no_overwrite(get: Get) -> None:
    """Raise ConfigError if the config ``overwrite`` is set, because the adapter never overwrites files.

    ``get`` returns the value of a model's config by name.
    """
    if get("overwrite"):
        raise error("overwrite", "no model has it, since files are never overwritten", "remove the config")


def location(place: str, value: Any) -> str:
    """Return ``value``, a location of files, as a URL with a scheme such as ``file://``.

    ``value`` is a URL or an absolute path on the server. Raise ConfigError for any other value. The error begins with
    ``place``, the name of the config.
    """
    text = values.text(place, value).strip()
    if scheme := _SCHEME.match(text):
        # the server knows schemes in lower case only
        return scheme[0].lower() + text[scheme.end() :]
    if not text.startswith("/"):
        shown = without_secrets(repr(value))
        raise error(place, f"{shown} is no folder", "write file:///a/folder of the server, or the URL of a bucket")
    return f"file://{text}"


def _column(column: Mapping[str, Any]) -> ExternalColumn:
    name, data_type = str(column["name"]), column.get("data_type")
    if not data_type:
        raise error(f"column {name}", "it has no data_type", "write the type that it has on OceanBase")
    expression = column.get("expression") or (column.get("meta") or {}).get("expression")
    return ExternalColumn(name, ddl_type(str(data_type)), values.text(f"column {name}.expression", expression))


def _partition(partition: Any) -> ExternalColumn:
    """Return the column for ``partition``, an item of the key ``partitions`` of a source.

    If the item has no expression, the value of the column is read from the path, as in ``day=2026-01-31/a.csv``. Raise
    ConfigError for a wrong item, and for a type that such a column of an external table cannot have.
    """
    place = f"{PLACE}.partitions"
    if not isinstance(partition, Mapping):
        raise error(place, f"{partition!r} is no mapping", "write {name: day, data_type: date}")
    given = {key: value for key, value in partition.items() if value not in (None, "", {})}
    found = values.renamed(place, given, _DBT_KEYS, {})
    if not found.get("name") or not found.get("data_type"):
        raise error(place, f"{partition!r} has no name or no data_type", "write {name: day, data_type: date}")
    name, data_type = str(found["name"]), str(found["data_type"])
    expression = found.get("expression") or (found.get("meta") or {}).get("expression")
    if expression:
        return ExternalColumn(name, ddl_type(data_type), str(expression))
    base = base_type(data_type)
    if base in INTEGER_TYPES and base != "bigint":
        # the value in the path is cast to BIGINT, and a partition of another type fails with error 4016
        raise error(place, f"{name}: the server cannot compare partitions of the type {data_type}", "write bigint")
    if base not in _PARTITION_TYPES or base_type(ddl_type(data_type)) not in _PARTITION_TYPES:
        raise error(
            place, f"{name}: the server has no partitions of the type {data_type}", "write varchar(n), bigint or date"
        )
    return ExternalColumn(name, ddl_type(data_type), path_value(name, data_type))


def path_value(name: str, data_type: str) -> str:
    """Return SQL for the value after ``name=`` in the path of a file, as the type ``data_type``.

    It is NULL if the path has no such part. It is also NULL if a whole number or a text does not fit into
    ``data_type``: CAST would make another number of it, or cut the text off.

    The SQL finds ``name=`` at the beginning of the path, after a ``/``, or after a ``%``. The ``%`` follows the name of
    the server whose disk has the file. The beginning is needed because the server determines the partitions of the
    files from relative paths, such as ``day=2026-01-31/a.csv``. If the SQL returned NULL for them, all files would be
    in one partition, and a query for a value of the partition would find no rows.
    """
    cast = cast_target(data_type)

    def after(separator: str, otherwise: str) -> str:
        mark = literal(f"{separator}{name}=")
        path = "concat('/', metadata$fileurl)"
        part = f"substring_index(substring_index({path}, {mark}, -1), '/', 1)"
        return f"if(locate({mark}, {path}) > 0, {part}, {otherwise})"

    value = after("/", after("%", "null"))
    fits = {"signed": f"{value} regexp '^-?[0-9]+$'", "unsigned": f"{value} regexp '^[0-9]+$'"}.get(cast)
    if length := re.fullmatch(r"char\((\d+)\)", cast):
        fits = f"char_length({value}) <= {length[1]}"
    return f"if({fits}, cast({value} as {cast}), null)" if fits else f"cast({value} as {cast})"


def _auto_refresh(value: Any) -> str:
    if isinstance(value, bool):  # YAML reads off as false
        return "immediate" if value else "off"
    return values.choice(f"{PLACE}.auto_refresh", value, ("off", "immediate", "interval"))
