"""How far the columns of a target may be changed for new rows, by the configuration of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class ModelConfig(Protocol):
    """The ``config`` object of dbt's macros, which reads one config of the node."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a config, or ``default`` where the node does not have it."""


@dataclass(frozen=True)
class WideningRules:
    """What may be changed in the columns of a target beyond widening a type within its kind.

    ``relax_not_null``: a column that refuses NULL may come to take it.
    ``allow_missing_columns``: so may a column that the new rows do not have.
    ``across_kinds``: a column may get a type of another kind that holds the old and the new values. Where no type holds
    both, the staged rows are searched for values that would be changed by the cast.
    ``new_members``: an ENUM or SET gets staged texts as new members.
    ``remedy``: what the error for such a value tells the user to do.
    """

    relax_not_null: bool = True
    allow_missing_columns: bool = False
    across_kinds: bool = False
    new_members: bool = False
    remedy: str = ""


def model_rules(config: ModelConfig) -> WideningRules | None:
    """Return the rules for an incremental model; None where its target must stay as it is.

    With an enforced contract, NOT NULL columns stay so. ``fail`` and ``sync_all_columns`` have an answer of their own
    to a column that gets another type.
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
        remedy=(
            "declare in the contract the type that the column has, or run with --full-refresh"
            if is_declared
            else "cast it in the model, or give the column its new type: on_schema_change: sync_all_columns, "
            "or --full-refresh"
        ),
    )


def snapshot_rules(target: str) -> WideningRules:
    """Return the rules for widening columns of the snapshot table ``target``.

    A new member of an ENUM is staged as a text, since the rows are staged by a UNION.
    """
    return WideningRules(
        allow_missing_columns=True,
        across_kinds=True,
        new_members=True,
        remedy=f"cast it in the snapshot, or give the column its new type: alter table {target} modify column ...",
    )


def schema_change_mode(config: ModelConfig) -> str:
    """Return the config ``on_schema_change``, which dbt takes for ``ignore`` where it is missing."""
    return str(config.get("on_schema_change") or "ignore")


def has_contract(config: ModelConfig) -> bool:
    """Check whether the model has an enforced contract."""
    contract = config.get("contract")
    is_enforced = contract.get("enforced") if isinstance(contract, Mapping) else getattr(contract, "enforced", False)
    return bool(is_enforced)
