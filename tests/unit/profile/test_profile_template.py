"""``dbt init`` asks only what is needed and writes a valid profile. The sample profiles are valid too."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from dbt.config import Profile
from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args
from dbt.task.init import InitTask

from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions
from dbt.include import oceanbase

FOLDER = Path(oceanbase.PACKAGE_PATH)
EMBEDDED, SERVER = "1", "2"
ENTER = ""


@pytest.fixture(autouse=True)
def _flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    set_from_args(Namespace(profiles_dir=str(tmp_path)), {})


def answered(folder: Path, *answers: str) -> tuple[list[str], dict[str, Any]]:
    """Answer the questions of ``dbt init``. Return the names that it asked for, and the target that it wrote."""
    template = yaml.safe_load((FOLDER / "profile_template.yml").read_text())

    @click.command()
    def questions() -> None:
        InitTask(Namespace()).create_profile_from_profile_template(template, "shop")

    done = CliRunner().invoke(questions, input="".join(f"{answer}\n" for answer in answers))
    assert done.exception is None, done.output
    profile = yaml.safe_load((folder / "profiles.yml").read_text())["shop"]
    asked = [line.split(" (")[0] for line in done.output.splitlines() if ": " in line or line.endswith(":")]
    return asked[1:], profile["outputs"][profile["target"]]


def load(target: dict[str, Any]) -> Profile:
    raw = {"shop": {"target": "dev", "outputs": {"dev": dict(target)}}}
    return Profile.from_raw_profiles(raw, "shop", ProfileRenderer({}))


def test_the_embedded_engine_needs_no_answer(tmp_path: Path) -> None:
    asked, target = answered(tmp_path, EMBEDDED, ENTER, ENTER)

    assert asked == ["path", "schema"]
    assert target == {"type": "oceanbase", "path": "./warehouse", "schema": "dbt", "threads": 4}
    profile = load(target)
    assert profile.threads == 4
    assert profile.credentials.options().engine.path == str(tmp_path / "warehouse")


def test_a_server_needs_only_host_and_user(tmp_path: Path) -> None:
    asked, target = answered(tmp_path, SERVER, "127.0.0.1", ENTER, "root", ENTER, ENTER, ENTER, ENTER)

    assert asked == ["host", "port", "user", "tenant", "cluster", "password", "schema"]
    options = load(target).credentials.options()
    assert options.endpoints == (Endpoint("127.0.0.1", 2881),)
    assert options.login == LoginOptions("root")
    assert options.session.schema == "dbt"


def test_answers_for_a_proxy_are_kept(tmp_path: Path) -> None:
    answers = (SERVER, "odp", "2883", "dbt", "analytics", "obdemo", "0012", "shop")

    _, target = answered(tmp_path, *answers)

    options = load(target).credentials.options()
    assert options.endpoints == (Endpoint("odp", 2883),)
    assert options.login == LoginOptions("dbt", "analytics", "obdemo", "0012")
    assert options.session.schema == "shop"


def test_the_password_is_not_echoed() -> None:
    template = yaml.safe_load((FOLDER / "profile_template.yml").read_text())
    hidden = [
        name
        for choice in template["prompts"]["_choose_OceanBase"].values()
        for name, prompt in choice.items()
        if prompt.get("hide_input")
    ]

    assert hidden == ["password"]


SAMPLES = yaml.safe_load((FOLDER / "sample_profiles.yml").read_text())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("embedded", "root"), ("server", "root@test"), ("proxy", "dbt@analytics#obdemo"), ("tls", "dbt@analytics#obdemo")],
)
def test_every_sample_is_a_valid_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    authority = tmp_path / ".oceanbase" / "ca.pem"
    authority.parent.mkdir()
    authority.touch()

    profile = Profile.from_raw_profiles(SAMPLES, "default", ProfileRenderer({}), target_override=name)

    options = profile.credentials.options()
    assert options.login.name == expected
    assert (options.tls.ca == str(authority)) == (name == "tls")
    assert (options.engine is not None) == (name == "embedded")


def test_every_sample_is_tested() -> None:
    assert list(SAMPLES["default"]["outputs"]) == ["embedded", "server", "proxy", "tls"]


def test_dbt_can_rename_the_sample(tmp_path: Path) -> None:
    """dbt replaces the first word of the file with the project's name."""
    InitTask(Namespace()).create_profile_from_sample("oceanbase", "shop")

    assert list(yaml.safe_load((tmp_path / "profiles.yml").read_text())) == ["shop"]
