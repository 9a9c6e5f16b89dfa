"""docs/profile.md has current tables, and every example in it is a valid profile."""

from __future__ import annotations

import re
from argparse import Namespace
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.config import Profile
from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args

from dbt.adapters.oceanbase.connect import options
from dbt.adapters.oceanbase.profile.declaration import Option
from dbt.adapters.oceanbase.profile.fields import FIELDS
from tests.support.profile_page import PAGE, page

TEXT = PAGE.read_text()
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
FILES = (".oceanbase/ca.pem", ".oceanbase/client-cert.pem", ".oceanbase/client-key.pem", ".ssh/id_ed25519")

COMPOSED = {"login", "endpoints", "engine", "discover", "ssh", "tls", "session", "retry", "pool"}
"""Fields of ``ConnectOptions`` that are made from several profile fields."""


def test_the_tables_are_current() -> None:
    assert page(TEXT) == TEXT, "docs/profile.md is stale: run python tests/support/profile_page.py"


def test_a_page_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="must hold the marks"):
        page("# Profile\n")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_valid_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: dict[str, Any]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    set_from_args(Namespace(), {})
    monkeypatch.setenv("DBT_ENV_SECRET_OB_PASSWORD", "hunter2")

    profile = Profile.from_raw_profiles(example, "my_project", ProfileRenderer({}))

    assert profile.credentials.options()


def declared_options() -> list[Option]:
    """Return the options of all profile fields and of the keys of all sections."""
    keys = [key for field in FIELDS.values() for key in field.keys.values()]
    return [field.option for field in (*FIELDS.values(), *keys) if field.option]


def test_every_connect_option_is_set_by_one_profile_field() -> None:
    classes = [item for item in vars(options).values() if is_dataclass(item) and isinstance(item, type)]
    existing = sorted(
        (item.__name__, field.name)
        for item in classes
        for field in fields(item)
        if not (item is options.ConnectOptions and field.name in COMPOSED)
    )

    assert sorted((option.owner.__name__, option.name) for option in declared_options()) == existing


def test_every_field_is_explained() -> None:
    assert all(field.help and field.check.values for field in FIELDS.values())
