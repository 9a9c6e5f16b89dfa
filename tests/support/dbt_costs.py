"""What dbt does needlessly in each of the thousands of dbt runs of a test session, done once or more cheaply.

Nothing that a run writes or says changes: ``unit/support/test_dbt_costs.py`` compares what is replaced with dbt's own.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
from types import FrameType
from typing import Any

import dbt.artifacts.schemas.base
import dbt.task.docs.generate
import dbt.task.runnable
from dbt.clients import jinja_static
from dbt.context import base
from dbt.flags import get_flags
from dbt.parser import base as parser
from dbt.parser import manifest
from dbt_common import behavior_flags
from dbt_common.clients import jinja, system
from dbt_common.utils.encoding import JSONEncoder

ALLOCATIONS_PER_COLLECTION = 100_000

DEFAULT_SOURCE = behavior_flags.BehaviorFlagRendered._default_source
"""dbt's own function, which ``default_source`` stands for."""

WRITE_MANIFEST = manifest.write_manifest
"""dbt's own function, which ``write_manifest`` calls."""

RELATION_UPDATE = parser.RelationUpdate
"""dbt's own class, of which ``RelationUpdates`` makes fewer."""

WRITE_AT_THE_END = {"build", "run", "seed", "snapshot", "test"}
"""Commands that write the manifest when it is read and again, with what was compiled, when all nodes have run."""


def spare() -> None:
    """Make dbt's runs in this process cheaper, for the rest of the process."""
    dbt.artifacts.schemas.base.write_json = write_json
    behavior_flags.BehaviorFlagRendered._default_source = staticmethod(default_source)  # type: ignore[method-assign]
    # whoever writes at the end has its own name for the function by now
    manifest.write_manifest = write_manifest
    parser.RelationUpdate = RelationUpdates()  # type: ignore[misc,assignment]
    base.get_context_modules = functools.cache(base.get_context_modules)
    jinja_static.get_environment = functools.cache(jinja.get_environment)
    # a manifest is some 100,000 objects, and a run builds several: by default Python looks through them again and again
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)


def write_json(path: str, data: dict[str, Any]) -> bool:
    """Write ``data`` as dbt's ``write_json`` does; ``json.dumps`` is in C, ``json.dump`` in Python."""
    os.makedirs(os.path.dirname(system.convert_path(path)), exist_ok=True)
    with open(system.convert_path(path), "w", encoding="utf-8") as file:
        file.write(json.dumps(data, cls=JSONEncoder))
    return True


def write_manifest(manifest: Any, target_path: str, which: str | None = None) -> None:
    """Write the manifest that was just read, unless the command writes it once more."""
    if get_flags().WHICH not in WRITE_AT_THE_END:
        WRITE_MANIFEST(manifest, target_path, which)


def default_source() -> str:
    """Return the module that makes a behaviour flag, without reading the source of each caller's caller.

    dbt asks for it each time an adapter is made, also where the answer is not used.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name not in {behavior_flags.__name__, __name__}:
            return str(name)
        frame = frame.f_back
    return "Unknown"


class RelationUpdates:
    """Makes what names the relations of a project once; dbt makes it anew, with all macros, for each of its parsers."""

    def __init__(self) -> None:
        self._project: tuple[Any, Any] = (None, None)
        self._made: dict[str, Any] = {}

    def __call__(self, config: Any, manifest: Any, component: str) -> Any:
        """Give the one of a configuration and a manifest for ``database``, ``schema`` or ``alias``."""
        if self._project[0] is not config or self._project[1] is not manifest:
            self._project, self._made = (config, manifest), {}
        if component not in self._made:
            self._made[component] = RELATION_UPDATE(config, manifest, component)
        return self._made[component]
