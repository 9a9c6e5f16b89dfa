"""The profile tables of docs/migrating-from-*.md are true: each field is taken, or an error names the right field."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.model_config import ModelConfig
from dbt_common.dataclass_schema import ValidationError

from dbt.adapters.oceanbase.build import config_names
from dbt.adapters.oceanbase.configs import OceanBaseConfig
from dbt.adapters.oceanbase.credentials import OceanBaseCredentials
from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.profile.rules import checked

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("migrating-from-mysql.md", "migrating-from-obmysql.md")
SERVER = {"host": "ob1", "user": "dbt", "schema": "shop"}

VALUES: dict[str, dict[str, Any]] = {
    "ssl_ca": {"ssl_ca": __file__, "ssl_mode": "verify_ca"},
    "ssl_cert": {"ssl_cert": __file__, "ssl_key": __file__, "ssl_mode": "required"},
    "ssl_key": {"ssl_cert": __file__, "ssl_key": __file__, "ssl_mode": "required"},
    "unix_socket": {"unix_socket": "/run/sql.sock", "host": None},
    "database": {"database": "shop", "schema": None},
    "charset": {"charset": "utf8mb4"},
    "collation": {"collation": "utf8mb4_bin"},
    "ssl_mode": {"ssl_mode": "disabled"},
    "ssl_disabled": {"ssl_disabled": True},
}
NUMBERS = {"port", "connect_timeout", "connect_timeout_seconds", "retries", "retry_times", "connect_retries"}


def table(page: str, heading: str) -> list[tuple[list[str], str]]:
    """Return the rows of the table below ``heading``: the code in the first cell, and the text of the second."""
    section = (DOCS / page).read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", left), right.strip(" |")) for left, right in rows]


FIELDS = [
    (name, right)
    for page in PAGES
    for names, right in table(page, "Profile")
    for name in names
    if name.isidentifier() and right != "`type: oceanbase`"
]


def test_the_tables_are_found() -> None:
    assert {"server", "ssl_disabled", "retry_times", "dbname", "unix_socket"} <= {name for name, _ in FIELDS}


@pytest.mark.parametrize(("name", "right"), FIELDS)
def test_a_field_is_taken_or_the_right_one_is_named(name: str, right: str) -> None:
    target = SERVER | VALUES.get(name, {name: 3 if name in NUMBERS else "x"})
    target = {field: value for field, value in target.items() if value is not None}
    named = [text.partition(":")[0] for text in re.findall(r"`([^`]+)`", right)]
    is_taken = (right.startswith("the same") or name in named) and f"`{name}` is refused" not in right
    if is_taken:
        assert set(target) - set(checked(target)) <= {"database"}
        return

    with pytest.raises(ValidationError) as caught:
        checked(target)
    assert f"did you mean '{named[0]}'?" in str(caught.value)


def test_defaults_of_the_page_for_obmysql() -> None:
    stated = {names[0]: right for names, right in table(PAGES[1], "Profile")}

    assert "2881" in stated["host"]
    assert "(10," in stated["connect_timeout"]
    assert "(3)" in stated["retries"]
    options = OceanBaseCredentials.from_dict(SERVER).options()
    assert options.endpoints[0].port == 2881
    assert (options.retry.connect_timeout, options.retry.connect_retries) == (10, 3)


def test_configs_and_methods_of_the_page_for_obmysql() -> None:
    known = config_names.declared(OceanBaseConfig) | config_names.declared(ModelConfig)
    names = {name.partition(":")[0] for left, _ in table(PAGES[1], "Configs") for name in left}
    text = (DOCS / PAGES[1]).read_text(encoding="utf-8")
    gone = re.search(r"\* (`adapter\.parse_index`.*) do not exist", text)

    assert {"indexes", "refresh_mode", "unique_key"} <= names
    assert names - known <= {"delete+insert"}
    assert gone is not None
    assert not [name for name in re.findall(r"`(?:adapter\.)?(\w+)`", gone[1]) if hasattr(OceanBaseAdapter, name)]
