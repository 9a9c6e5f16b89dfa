"""Adapter methods for external tables, whose rows are in files: for sources, and for models that write the files."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, cast

from dbt.adapters.base import available
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import identifier
from ..execution.errors import NO_STATEMENT, DatabaseError
from ..relation import OceanBaseRelation, is_external_catalog
from ..sql.statement import without_secrets
from . import external_table
from .adapter import Configs, RelationConfigMixin
from .components import Probe, error
from .design import COMPONENTS
from .external_table import ExternalTable, ModelFiles
from .view_options import CONFIGS as VIEW_CONFIGS

NOT_ALLOWED = frozenset({9731})
"""Error codes for a folder that the server may not use, because it is not below ``secure_file_priv``."""

NAME_TAKEN = frozenset({1050})
"""Error codes of CREATE EXTERNAL TABLE if a relation already has the name."""

NO_FOLDER = frozenset({1017, 4009})
"""Error codes of SELECT ... INTO OUTFILE for a folder that does not exist."""

_HAVE_IT = "OceanBase 4.3.5 and seekdb 1.3 have it, seekdb 1.4 has not"
_UNUSED = (*VIEW_CONFIGS, "analyze", "direct_load")
_CREATE = "create external table dbt_probe (a int) location = 'file:///' format = (type = '%s')"


class ExternalMixin(RelationConfigMixin):
    """Adapter methods that create the external tables of sources, and the files and external tables of models.

    An external table is a table on the server whose rows are in files.
    """

    # -- sources

    @available.parse_list
    def stage_external(self, node: Mapping[str, Any], full_refresh: bool = False) -> list[str]:
        """Return the statements, in the order to run, that bring the external table of a source up to date.

        ``node`` is a source of dbt's graph. If the table does not exist, the statements create it, and its schema if
        needed. If ``full_refresh`` is true, they replace it by a new table. Otherwise this method creates a second
        table with the wanted definition, and compares the server's definitions of the two tables. If they are equal,
        the statements drop the second table, and make the existing one read its list of files again. If they differ,
        the statements put the second table in the place of the existing one by one RENAME, and drop the old one. They
        always do this for a location with a ``?``, because the server does not show what follows, such as the host and
        the access key. Tables that an interrupted call has left behind are dropped first.

        Raise ConfigError for a wrong value, or if the server lacks external tables or the format. Raise DbtRuntimeError
        if a relation of another type has the name. For the second table, raise the errors of ``create_external``.
        """
        table = self._external_of_source(node)
        target = self._external_relation(node)
        found = {str(each.identifier): each for each in self.list_relations_without_caching(target)}
        existing = next(iter(self._make_match(list(found.values()), None, target.schema, target.identifier)), None)
        if existing is None:
            has_schema = self.check_schema_exists("", str(target.schema))
            schema = [] if has_schema else [f"create database if not exists {target.without_identifier().render()}"]
            return [*schema, table.create_statement(target.render())]
        _check_is_external(existing)
        staging, backup = target.suffixed("__dbt_tmp"), target.suffixed("__dbt_backup")
        for leftover in (staging, backup):
            if left := self._make_match(list(found.values()), None, target.schema, leftover.identifier):
                _check_is_external(left[0])
                self.execute(leftover.drop_statement())
        if not full_refresh:
            self.create_external(table.create_statement(staging.render()), staging)
            is_shown = "?" not in table.location
            if is_shown and self._external_definition(staging) == self._external_definition(target):
                return [staging.drop_statement(), f"alter external table {target.render()} refresh"]
        return [
            *([table.create_statement(staging.render())] if full_refresh else []),
            f"rename table {target.render()} to {backup.render()}, {staging.render()} to {target.render()}",
            backup.drop_statement(),
        ]

    @available.parse_none
    def drop_external(self, node: Mapping[str, Any]) -> str | None:
        """Return the statement that drops the external table of the source ``node``, or None if there is no such table.

        Raise DbtRuntimeError if a relation of another type has the name.
        """
        existing = self.actual_relation(self._external_relation(node))
        if existing is None:
            return None
        _check_is_external(existing)
        return cast("OceanBaseRelation", existing).drop_statement()

    @available.parse_none
    def create_external_statement(self, node: Mapping[str, Any]) -> str:
        """Return the statement CREATE EXTERNAL TABLE for the source ``node``.

        Raise ConfigError for a wrong value, or if the server has no external tables or cannot read the files' format.
        """
        return self._external_of_source(node).create_statement(self._external_relation(node).render())

    @available.parse_none
    def warn_if_without_rows(self, node: Mapping[str, Any]) -> None:
        """Log a warning if the external table of the source ``node`` has no row.

        This is not an error, because the location may have no files yet. A wrong location looks the same: the server
        accepts any location.
        """
        name = self._external_relation(node).render()
        _, found = self.execute(f"select 1 from {name} limit 1", fetch=True)
        if not found.rows:
            text = f"{name} has no rows: check external.location and external.pattern, or whether there are files"
            warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=text))

    def _external_of_source(self, node: Mapping[str, Any]) -> ExternalTable:
        try:
            table = external_table.of_source(node)
            self.check_probes([_probe("external", table.file_format.name)])
        except DbtRuntimeError as failure:
            raise type(failure)(f"source {node['source_name']}.{node['name']}: {failure.msg}") from None
        return table

    def _external_relation(self, node: Mapping[str, Any]) -> OceanBaseRelation:
        if is_external_catalog(node.get("database")):
            raise error("external", "an external table is in no external catalog", "remove `database` of the source")
        relation = self.Relation.create(schema=node["schema"], identifier=node["identifier"])
        return relation.incorporate(type=RelationType.External)

    def _external_definition(self, relation: OceanBaseRelation) -> str:
        """Return the text of SHOW CREATE TABLE for an external table, without the table's name.

        So the definitions of two tables with different names can be compared.
        """
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        return str(table.rows[0][1]).replace(identifier(str(relation.identifier)), "", 1)

    # -- models

    @available.parse_none
    def external_files(self, relation: OceanBaseRelation, config: Configs) -> ModelFiles:
        """Return the location, names and format of the files to which the rows of a model are written.

        ``relation`` is the model's relation. The files get new names with each call, so no file is overwritten. Raise
        ConfigError for a wrong value, for a config that external models must not have, or if the server lacks external
        tables or the format.
        """
        stamp = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}_{uuid.uuid4().hex[:8]}"
        files = self.checked_files(config, f"{re.sub(r'[^0-9A-Za-z_]', '_', str(relation.identifier))}__{stamp}")
        name = files.file_format.name
        self.check_probes([_probe("materialized: external", "csv"), _probe(f"format: {name}", name)])
        return files

    def checked_files(self, config: Configs, stem: str) -> ModelFiles:
        """Return the location and format of the files of an external model. ``stem`` begins the names of the files.

        Raise ConfigError for a wrong value, or for a config that external models must not have. No statement is sent.
        """
        reason = "the rows are in files"
        self._check_none_of(config, [name for each in COMPONENTS for name in each.configs], reason, "for tables only")
        self._check_none_of(config, _UNUSED, reason, "for other models only")
        external_table.check_no_overwrite(config.get)
        if getattr(config.get("contract"), "enforced", False):
            raise error("contract", "an external table keeps no constraints", "set enforced: false, or build a table")
        return external_table.of_model(config.get, stem)

    @available.parse_none
    def read_collations(self, columns: Sequence[Any], query: str, header: str | None = None) -> Sequence[Any]:
        """Set the attribute ``collation`` of each text column in ``columns``, and return ``columns``.

        ``columns`` are the columns of the SELECT ``query``. ``header`` is SQL to put before the statement that asks the
        server for the collations, or None. The statement does not read the rows of ``query``. It is sent only if there
        is a text column.
        """
        texts = [column for column in columns if column.is_string()]
        if not texts:
            return columns
        wanted = ", ".join(f"collation(dbt_rows.{column.quoted})" for column in texts)
        joined = f"(select 1 as one) as dbt_row left join (\n{query}\n) as dbt_rows on 1 = 0"
        _, found = self.execute("\n".join(filter(None, [header, f"select {wanted} from {joined}"])), fetch=True)
        for column, collation in zip(texts, found.rows[0], strict=True):
            # a NULL without a type has the collation binary
            column.collation = None if collation == "binary" else str(collation)
        return columns

    @available.parse(lambda relation, files: True)
    def reads_files(self, relation: OceanBaseRelation, files: ModelFiles) -> bool:
        """Check whether the external table ``relation`` reads ``files``, the files to which a model was written.

        The names of these files begin with the text ``files.stem``, and the name of no other file does. So the table
        reads these files if its SHOW CREATE TABLE contains ``files.stem``.
        """
        return files.stem in self._external_definition(relation)

    @available.parse_none
    def create_external(self, sql: str, relation: OceanBaseRelation) -> None:
        """Run ``sql``, which creates the external table ``relation``. The caller has seen that the name was not used.

        Raise DbtRuntimeError if the name is used by now, because another run has created a relation with it. Also raise
        it if the folder of the files does not exist, or if the server may not use it. For any other failure, raise
        DatabaseError.
        """
        try:
            self.external_step(sql, relation.render())
        except DatabaseError as failure:
            if failure.server_code not in NAME_TAKEN:
                raise
            raise DbtRuntimeError(
                f"{relation.render()} exists already, because another run builds it now: let one run end before the "
                "next begins"
            ) from failure

    @available
    def shown(self, sql: str) -> str:
        """Return ``sql`` with stars in place of secrets, such as the access key of a bucket."""
        return without_secrets(sql)

    @available.parse_none
    def external_step(self, sql: str, place: str) -> Any:
        """Run ``sql``, a statement about an external table or its files, and return the response.

        If the folder of the files does not exist, or if the server may not use it, raise DbtRuntimeError. The text of
        this error begins with ``place``, the name of the table or source, and ends with the remedy. For any other
        failure, raise DatabaseError.
        """
        try:
            return self.execute(sql)[0]
        except DatabaseError as failure:
            if failure.server_code in NOT_ALLOWED:
                raise DbtRuntimeError(
                    f"{place}: location: the server may not use this folder (error {failure.server_code}): have its "
                    "secure_file_priv set to the folder or one above it (set global secure_file_priv = '/folder', on "
                    "the server's own socket), or use a folder below it"
                ) from failure
            if failure.server_code in NO_FOLDER:
                raise DbtRuntimeError(
                    f"{place}: location: there is no such folder on the server (error {failure.server_code}): "
                    "create it; the server makes no folders"
                ) from failure
            raise

    @available.parse_none
    def check_files(self, staging: OceanBaseRelation, columns: Sequence[Any], written: Any) -> None:
        """Raise DbtRuntimeError if the external table ``staging`` has another number of rows than were written.

        ``written`` is the response of the statement that wrote the files. The check reads the values of all
        ``columns``, so that the server raises an error for a value that it cannot read back.
        """
        counts = ", ".join(f"count({identifier(column.name)})" for column in columns)
        _, found = self.execute(f"select count(*), {counts} from {staging.render()}", fetch=True)
        rows = int(found.rows[0][0])
        if rows != written.rows_affected:
            raise DbtRuntimeError(
                f"{staging.render()}: {written.rows_affected} rows were written, and {rows} are read back from the "
                "files: the model keeps its earlier files; have all servers use a location that they share"
            )


def _probe(config: str, file_format: str) -> Probe:
    available_in = "OceanBase 4.3.5 has it" if file_format == "orc" else _HAVE_IT
    return Probe(config, _CREATE % file_format, available_in, frozenset({NO_STATEMENT, 1235}))


def _check_is_external(relation: Any) -> None:
    if relation.type != RelationType.External:
        raise DbtRuntimeError(
            f"{relation.render()} is a {relation.type}, no external table: nothing was changed; drop it, or give the "
            "source another identifier"
        )
