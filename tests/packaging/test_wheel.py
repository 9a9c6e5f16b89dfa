"""The wheel as a user installs it: what it holds, and that it lives beside another adapter."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = [
    ROOT / "dbt" / "adapters" / "oceanbase",
    ROOT / "dbt" / "include" / "oceanbase",
    ROOT / "dbt" / "include" / "oceanbase_shims",
]
STUB = ROOT / "dbt" / "adapters" / "obmysql.py"

PROFILES = {
    "project": {
        "target": "duckdb",
        "outputs": {
            "duckdb": {"type": "duckdb", "path": "project.duckdb"},
            "oceanbase": {"type": "oceanbase", "host": "127.0.0.1", "user": "root", "schema": "project"},
        },
    }
}


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--installer", "uv", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def dbt(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt of a new environment that holds the wheel, dbt-duckdb and sqlglot, compiled as tools install it."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    subprocess.run([*install, wheel, "dbt-core<1.12", "dbt-duckdb", "sqlglot[c]>=28.6"], check=True)
    return folder / "bin" / "dbt"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model, with a target for each of the two adapters."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text("select 1 as id")
    (tmp_path / "dbt_project.yml").write_text("name: project\nversion: '1.0'\nprofile: project\n")
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(PROFILES))
    return tmp_path


def run(dbt: Path, *arguments: str, folder: Path) -> str:
    done = subprocess.run([dbt, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_adapter_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    files = {path for folder in SOURCES for path in folder.rglob("*") if path.is_file()} | {STUB}
    expected = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert names == expected


def test_the_wheel_carries_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = [name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE")]

        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_the_sdist_can_be_tested(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    files = {*SOURCES[0].rglob("*.py"), *SOURCES[2].glob("*/dbt_project.yml"), *SOURCES[2].glob("*/macros/*.sql")}
    assert {path.relative_to(ROOT).as_posix() for path in files} <= names
    assert {"LICENSE", "README.md", "tox.ini", "dev-requirements.txt", "mkdocs.yml", "tests/conftest.py"} <= names


def test_dbt_lists_both_adapters(dbt: Path, tmp_path: Path) -> None:
    plugins = run(dbt, "--version", folder=tmp_path)

    assert "- oceanbase:" in plugins
    assert "- duckdb:" in plugins


def test_the_other_adapter_works(dbt: Path, project: Path) -> None:
    assert "PASS=1" in run(dbt, "run", folder=project)


def test_the_adapter_type_of_earlier_releases_is_refused_unless_it_is_installed(dbt: Path, tmp_path: Path) -> None:
    command = [dbt.parent / "python", "-c", "import dbt.adapters.obmysql as found; print(found.__file__)"]
    alone = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "type: obmysql: dbt-oceanbase 2.0 has another adapter type: write type: oceanbase" in alone.stderr
    assert "- obmysql:" not in run(dbt, "--version", folder=tmp_path)

    (adapters,) = dbt.parent.parent.glob("lib/python*/site-packages/dbt/adapters")
    (adapters / "obmysql").mkdir()
    (adapters / "obmysql" / "__init__.py").write_text("")
    try:
        both = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        shutil.rmtree(adapters / "obmysql")
    assert both.stdout.strip() == str(adapters / "obmysql" / "__init__.py")


LINEAGE = """
from sqlglot.lineage import lineage
from sqlglot import parse_one
sql = "select o.`key` as k, concat(c.name, '|') as n from orders o full join customers c on c.id = o.customer # end"
schema = {"orders": {"key": "int", "customer": "int"}, "customers": {"id": "int", "name": "varchar(9)"}}
found = lineage("n", sql, schema=schema, dialect="oceanbase")
print([node.name for node in found.walk()])
print(parse_one("select a || b from t full join u on t.x = u.x", dialect="oceanbase").sql("oceanbase"))
"""


def test_sqlglot_knows_the_dialect(dbt: Path) -> None:
    done = subprocess.run([dbt.parent / "python", "-c", LINEAGE], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    columns, statement = done.stdout.splitlines()
    assert columns == "['n', 'c.name']"
    assert statement == "SELECT a OR b FROM t FULL OUTER JOIN u ON t.x = u.x"


def test_a_project_for_oceanbase_is_parsed(dbt: Path, project: Path) -> None:
    run(dbt, "parse", "--target", "oceanbase", folder=project)

    assert "macro.dbt_oceanbase." in (project / "target" / "manifest.json").read_text()
