"""Adapter methods that give new tables the design in a node's configs, and change the design of existing tables.

The design of a table is the set of its physical properties, such as its indexes and partitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dbt.adapters.base import available
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..connect import ConnectOptions
from ..connect.quoting import literal
from ..execution.errors import NO_STATEMENT, DatabaseError
from ..execution.runner import ask
from ..relation import OceanBaseRelation
from . import external_table
from .components import Change, ConfigError, Probe
from .design import COMPONENTS, TableDesign
from .table_definition import TableDefinition
from .view_options import CONFIGS, ViewOptions

logger = AdapterLogger("OceanBase")

REMEDY = "run with --full-refresh, or set on_configuration_change: continue"

REMEDY_OF_SNAPSHOT = "set on_configuration_change: continue, since dbt does not build a snapshot again"

REMEDY_IF_KEPT = "remove full_refresh: false and run with --full-refresh, or set on_configuration_change: continue"
"""Remedy for a change that needs a new table, if the node has the config ``full_refresh: false``.

With this config, dbt ignores the option --full-refresh.
"""

BLOCKING = ": other sessions cannot write to the table until this has ended"
"""End of the line in the log about a statement in which the server moves the rows of the table."""

INSTEAD_OF_WAITING = "; with --full-refresh, a new table is built beside the present one and replaces it"
"""Text in the log after ``BLOCKING``, the hint that writers must wait, if --full-refresh can rebuild the table."""


class Configs(Protocol):
    """The interface of the ``config`` object in dbt's macros, which reads the configs of a node."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of the config ``name``, or ``default`` if the node does not set it."""


class RelationConfigMixin(OceanBaseAdapterBase):
    """Adapter methods for the configs that describe a table's design: its indexes, partitions and other properties."""

    @available.parse(lambda config: TableDesign())
    def table_design(self, config: Configs) -> TableDesign:
        """Return the design of a table that the configs of a node describe. Raises ConfigError for a wrong value."""
        return TableDesign.of_config(config.get)

    @available
    def empty_design(self) -> TableDesign:
        """Return a design without any component, for a table that is only needed while a node runs."""
        return TableDesign()

    @available.parse(lambda config: ViewOptions())
    def view_options(self, config: Configs) -> ViewOptions:
        """Return the options of a view that the configs of a node describe. Raises ConfigError for a wrong value."""
        return ViewOptions.of_config(config.get)

    @available.parse_none
    def check_design(self, config: Configs) -> None:
        """Raise ConfigError if a config of a table's or view's design is wrong, or needs a feature the server lacks.

        See ``checked_design`` for the configs that are wrong. For a feature that not every server has, the server is
        asked once per process and profile.
        """
        self.check_probes(self.checked_design(config).probes())

    def checked_design(self, config: Configs) -> TableDesign:
        """Return the design that the configs of a node describe. It is empty for a view. No statement is sent.

        Raise ConfigError if a config of a table's or view's design has a wrong value. Also raise it if a view has a
        config of tables, if a node that is no view has a config of views, or if a node that is no external model has a
        config of external models or the config ``overwrite``.
        """
        if config.get("materialized") != "external":
            reason = "only an external model has it"
            self._check_none_of(config, external_table.CONFIGS, reason, "for external models only")
            external_table.check_no_overwrite(config.get)
        if config.get("materialized") == "view":
            ViewOptions.of_config(config.get)
            self._check_none_of(
                config,
                [name for each in COMPONENTS for name in each.configs],
                "a view keeps no rows",
                "for tables only",
            )
            return TableDesign()
        self._check_none_of(config, CONFIGS, "only a view has it", "for views only")
        return TableDesign.of_config(config.get)

    def _check_none_of(self, config: Configs, names: Sequence[str], reason: str, where: str) -> None:
        for name in names:
            if config.get(name):
                raise ConfigError(f"{name}: {reason}: remove the config, or set it {where}")

    def check_probes(self, probes: list[Probe]) -> None:
        """Raise ConfigError if the server lacks the feature that one of the ``probes`` tests.

        The statement of each probe is parsed by PREPARE, and not run. It is sent once per process and profile. The
        error has one line for each statement that the server refuses.
        """
        options = self.config.credentials.options()
        refusals = [
            f"{probe.config}: {self.server_info()} does not have it ({refusal}); {probe.available_in}: remove the "
            "config, or run on a server that has it"
            for probe in probes
            if (refusal := _answer(options, probe, self._refusal))
        ]
        if refusals:
            raise ConfigError("\n".join(refusals))

    @available.parse_list
    def design_changes(self, relation: OceanBaseRelation, config: Configs) -> list[str]:
        """Return the statements that change the table ``relation`` to the design in its node's configs.

        They are in the order to run. The list is empty if the node has no such config. Otherwise the table is read by
        one SHOW CREATE TABLE. Parts of the design for which no config is set are not changed. If the table differs from
        the configs, the config ``on_configuration_change`` decides. With ``apply``, the default, raise DbtRuntimeError
        if a difference cannot be changed while the table keeps its rows. With ``continue``, warn and return an empty
        list. With ``fail``, raise DbtRuntimeError. Raise ConfigError for a config with a wrong value.
        """
        design = TableDesign.of_config(config.get)
        if not design:
            return []
        return self.decided(relation, config, design.changes_from(self.definition(relation)))

    def definition(self, relation: OceanBaseRelation) -> TableDefinition:
        """Return the definition of the table ``relation``, read by one SHOW CREATE TABLE."""
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        return TableDefinition.parse(str(table.rows[0][1]))

    def decided(self, relation: OceanBaseRelation, config: Configs, changes: list[Change]) -> list[str]:
        """Return the statements of ``changes``, or an empty list, as the config ``on_configuration_change`` says.

        ``relation`` is the table to change, and ``config`` has the configs of its node. The list is empty if there is
        nothing to change. With ``apply``, the default, raise DbtRuntimeError if one of ``changes`` is refused, because
        it is not possible while the table keeps its rows. With ``continue``, warn and return an empty list. With
        ``fail``, raise DbtRuntimeError.
        """
        statements = [sql for change in changes for sql in change.statements_for(relation.render())]
        blocking = {sql for change in changes for sql in change.blocking_for(relation.render())}
        refused = [change.refused for change in changes if change.refused]
        if not statements and not refused:
            return []
        mode = config.get("on_configuration_change") or "apply"
        mode = str(getattr(mode, "value", mode))
        differences = "; ".join([*refused, *statements])
        if mode == "continue":
            text = f"on_configuration_change: continue: {relation.render()} is not as configured: {differences}"
            warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=text))
            return []
        if mode == "fail":
            raise DbtRuntimeError(
                f"on_configuration_change: fail: {relation.render()} is not as configured: {differences}"
            )
        remedy = _remedy(config)
        if refused:
            raise DbtRuntimeError(f"{relation.render()}: {'; '.join(refused)}: {remedy}")
        instead = INSTEAD_OF_WAITING if remedy == REMEDY else ""
        for statement in statements:
            hint = BLOCKING + instead if statement in blocking else ""
            logger.info(f"configuration changed: {statement}{hint}")
        return statements

    def _refusal(self, probe: Probe) -> str:
        """Return the server's error if the server lacks the feature that ``probe`` tests, or else an empty text."""
        session = self.connections.session()
        try:
            ask(session, f"prepare dbt_probe from {literal(probe.statement)}")
        except DatabaseError as error:
            if error.server_code not in probe.refused_codes:
                return ""
            text = error.msg.splitlines()[0].rpartition(" (")[0]
            return f"error {error.server_code}" + (f", {text}" if error.server_code != NO_STATEMENT else "")
        ask(session, "deallocate prepare dbt_probe")
        return ""


def _remedy(config: Configs) -> str:
    """Return what to do about a change that is not possible while the table keeps its rows, as text for an error."""
    if config.get("materialized") == "snapshot":
        return REMEDY_OF_SNAPSHOT
    return REMEDY_IF_KEPT if config.get("full_refresh") is False else REMEDY


_answers: dict[tuple[ConnectOptions, str], str] = {}


def _answer(options: ConnectOptions, probe: Probe, ask_server: Callable[[Probe], str]) -> str:
    """Return the result of ``ask_server(probe)``. Each server is asked only once in this process.

    ``options`` are the connect options of the server. Later calls with equal options and an equal statement in
    ``probe`` return the first result.
    """
    key = (options, probe.statement)
    if key not in _answers:
        _answers[key] = ask_server(probe)
    return _answers[key]
