"""All classes of dbt's test suite that apply here, each in a subclass without any override.

pytest collects this file only if it is named:

    pytest tests/functional/adapter/without_overrides.py --kernel 1.3 [-k simple_seed]

At the end it prints how many classes and tests pass, and how many fail for OceanBase's SQL dialect only. The second
number trusts the reasons that docs/parity.md gives for our overrides.
"""

from __future__ import annotations

from support import parity
from support.grant_users import test_users as test_users

for _name, _class in parity.suite().suite_classes().items():
    if parity.suite().applies(_class.__name__, parity.minor("dbt-core")):
        _plain = parity.plain_name(_name)
        globals()[_plain] = type(_plain, (_class,), {"__module__": __name__})

del _name, _class, _plain
