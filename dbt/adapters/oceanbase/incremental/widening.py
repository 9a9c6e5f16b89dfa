"""Decide by the config of a model how the columns of its table may be changed, so that the table can store new rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class ModelConfig(Protocol):
    """The interface of the object ``config`` in dbt's macros. The object reads the configs of a node."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of the config ``name``, or ``default`` if the node does not set it."""


@dataclass(frozen=True)
class WideningRules:
    """Rules that say how a table's columns may be changed for new rows.

    A wider type of the same kind is always permitted.
    ``relax_not_null`` permits a NOT NULL column to become nullable.
    ``allow_missing_columns`` permits the same for a NOT NULL column that the new rows do not have.
    ``across_kinds`` permits a type of another kind (such as decimal instead of bigint) that holds the old and the new
    values. If no type holds both, a new value that the cast to the old type would change is an error.
    ``new_members`` permits new texts to become new members of an ENUM or SET.
    ``retyped_later`` means that dbt gives the columns the types of the new rows afterwards.
    ``remedy`` is the advice to the user in the error for a new value that the cast would change.
    """

    relax_not_null: bool = True
    allow_missing_columns: bool = False
    across_kinds: bool = False
    new_members: bool = False
    retyped_later: bool = False
    remedy: str = ""


def model_rules(config: ModelConfig) -> WideningRules | None:
    """Return the rules by which the adapter may change the columns of a model's table, or None if it must not.

    ``config`` is the model's config. The result is None if the contract is enforced and ``on_schema_change`` is
    ``fail`` or ``sync_all_columns``. If the contract is not enforced, the rules for these two modes permit only types
    of the same kind, because dbt itself raises an error (``fail``) or changes the type (``sync_all_columns``). With an
    enforced contract, NOT NULL columns stay NOT NULL.
    """
    on_schema_change = schema_change_mode(config)
    is_declared = has_contract(config)
    keeps_type = on_schema_change in ("ignore", "append_new_columns")
    if is_declared and not keeps_type:
        return None
    return WideningRules(
        relax_not_null=not is_declared,
        allow_missing_columns=on_schema_change in ("append_new_columns", "sync_all_columns"),
        across_kinds=keeps_type,
        retyped_later=on_schema_change == "sync_all_columns",
        remedy=(
            "declare in the contract the type that the column has, or run with --full-refresh"
            if is_declared
            else "cast it in the model, or give the column its new type: on_schema_change: sync_all_columns, "
            "or --full-refresh"
        ),
    )


def snapshot_rules(target: str) -> WideningRules:
    """Return the rules for widening the columns of a snapshot table.

    ``target`` is the quoted name of the table, which the advice to the user contains. The rules permit every change
    that ``WideningRules`` describes, even new members of an ENUM or SET. The reason is that dbt's query for the new
    rows is a UNION, which converts an ENUM to text. So the new rows do not show which members are intended.
    """
    return WideningRules(
        allow_missing_columns=True,
        across_kinds=True,
        new_members=True,
        remedy=f"cast it in the snapshot, or give the column its new type: alter table {target} modify column ...",
    )


def schema_change_mode(config: ModelConfig) -> str:
    """Return the config ``on_schema_change``, or dbt's default ``ignore`` if it is not set."""
    return str(config.get("on_schema_change") or "ignore")


def has_contract(config: ModelConfig) -> bool:
    """Check whether the model has an enforced contract."""
    contract = config.get("contract")
    is_enforced = contract.get("enforced") if isinstance(contract, Mapping) else getattr(contract, "enforced", False)
    return bool(is_enforced)
