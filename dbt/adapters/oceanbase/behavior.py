"""Build dbt's behavior flags without a search of the call stack for each flag, which would slow down every run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbt_common.behavior_flags import Behavior, BehaviorFlag, BehaviorFlagRendered


class _RenderedFlag(BehaviorFlagRendered):
    """A behavior flag that does not search the call stack for the name of the module that defines the flag.

    dbt calls ``inspect.stack`` for each flag, even if the flag names its source. This call reads the source files of
    all callers. In a run with one model it took 0.12 of 4.2 seconds of CPU time (dbt-common 1.37).
    """

    @staticmethod
    def _default_source() -> str:
        return "dbt.adapters.base.impl"


class AdapterBehavior(Behavior):
    """The behavior flags of an adapter, built faster than by dbt's own class ``Behavior``.

    ``flags`` are the definitions of the flags, each with a name and a default. ``user_overrides`` maps names of flags
    to the values that ``dbt_project.yml`` sets under ``flags``. A flag is read as an attribute, such as
    ``adapter.behavior.some_flag``. When a flag that is off is read, dbt warns about it, as with the base class.
    """

    def __init__(self, flags: Iterable[BehaviorFlag], user_overrides: Mapping[str, Any]) -> None:
        self._flags = [_RenderedFlag(flag, dict(user_overrides)) for flag in flags]
