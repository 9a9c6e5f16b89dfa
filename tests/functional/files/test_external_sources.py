"""External tables as sources: created, refreshed, changed and dropped, with and without the package."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database

PLACES = [(1, "Ürümqi", 1), (2, 'a,b "c"', 1), (3, None, 2)]


def place_columns(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "data_type": "int" if name == "id" else "varchar(20)"} for name in names]


def sources(folder: Path, **external: Any) -> str:
    """Return the YAML of a source whose table ``places`` has the keys ``external`` in addition to the location."""
    wanted = {
        "location": f"{folder}/places",
        "options": {"header": True},
        "partitions": [{"name": "day", "data_type": "bigint unsigned"}],
        **external,
    }
    places = {"name": "places", "external": wanted, "columns": place_columns("id", "name")}
    cities = {
        "name": "cities",
        "identifier": "big cities",
        "external": {
            "location": f"file://{folder}",
            "format": "csv",
            "pattern": r"cities\.txt$",
            "options": {"sep": "|"},
        },
        "columns": place_columns("id", "name"),
    }
    other = {"name": "elsewhere", "schema": "{{ target.schema }}_else", "tables": [{**places, "name": "far"}]}
    here = {"name": "landing", "schema": "{{ target.schema }}", "tables": [places, cities, {"name": "plain"}]}
    return yaml.safe_dump({"sources": [here, other]}, allow_unicode=True)


def fill(folder: Path) -> None:
    for day, rows in ((1, '1,Ürümqi\n2,"a,b ""c"""\n'), (2, "3,\n")):
        (folder / "places" / f"day={day}").mkdir(parents=True)
        (folder / "places" / f"day={day}" / "a.csv").write_text(f"id,name\n{rows}")
    (folder / "cities.txt").write_text("7|x\n")


@pytest.fixture(scope="class")
def models() -> dict[str, str]:
    return {"from_source.sql": "select * from {{ source('landing', 'places') }}"}


@pytest.fixture(scope="class", autouse=True)
def needed_external_tables(has_external_tables: bool) -> None:
    if not has_external_tables:
        pytest.skip("the refusal is tested by TestRefused")


def staged(*arguments: str, expect_pass: bool = True) -> str:
    _, log = run_dbt_and_capture(["run-operation", "stage_external_sources", *arguments], expect_pass=expect_pass)
    return str(log)


def select(name: str) -> tuple[str, str]:
    return "--args", f"{{select: {name}}}"


def place_rows(db: Database, table: str = "{s}.places") -> list[tuple[Any, ...]]:
    """Return all rows, each found by its day: the server reads only the partition of that day."""
    found = sorted(row for day in (1, 2) for row in db.rows(f"select id, name, day from {table} where day = {day}"))
    assert sorted(db.rows(f"select id, name, day from {table} where day > 0")) == found
    return found


@contextmanager
def bucket(content: str) -> Iterator[str]:
    """Yield the address of a stand-in for object storage, whose one bucket has the file ``x/a.csv``."""
    file = f"<Key>x/a.csv</Key><Size>{len(content)}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    listing = f"<ListBucketResult><Name>b</Name><Contents>{file}</Contents></ListBucketResult>"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_file = self.path.partition("?")[0].endswith("a.csv")
            body = (content if is_file else listing).encode()
            begin, _, end = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            part = body[int(begin) : int(end) + 1 if end else None]
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Length", str(len(part)))
            self.send_header("Content-Type", "text/csv" if is_file else "application/xml")
            self.send_header("Content-Range", f"bytes {begin}-{int(begin) + len(part) - 1}/{len(body)}")
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.send_header("ETag", '"1"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(part)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestSources:
    @pytest.fixture(scope="class", autouse=True)
    def written(self, project: Any, folder: Path) -> None:
        fill(folder)
        write_file(sources(folder), project.project_root, "models", "sources.yml")

    def test_life(self, project: Any, db: Database, folder: Path) -> None:
        """Created, refreshed, changed, created again, dropped."""
        staged()
        assert place_rows(db) == PLACES
        assert place_rows(db, f"`{db.schema}_else`.far") == PLACES
        assert db.rows("select * from {s}.`big cities`") == [(7, "x")]
        assert run_dbt(["run"]).results[0].status == "success"
        assert len(db.rows("select * from {s}.from_source")) == 3

        # a new file is read after a refresh only
        (folder / "places" / "day=2" / "b.csv").write_text("id,name\n4,new\n")
        assert place_rows(db) == PLACES
        log = staged(*select("landing.places"))
        assert "refresh" in log
        assert "big cities" not in log
        assert place_rows(db) == [*PLACES, (4, "new", 2)]

        # what is no value of the type does not become another one
        (folder / "places" / "day=2x").mkdir()
        (folder / "places" / "day=2x" / "b.csv").write_text("id,name\n9,no day\n")
        staged(*select("landing.places"))
        assert place_rows(db) == [*PLACES, (4, "new", 2)]
        assert db.rows("select id from {s}.places where day is null") == [(9,)]

        # another definition
        write_file(sources(folder, pattern="a[.]csv"), project.project_root, "models", "sources.yml")
        assert "rename table" in staged(*select("landing.places"))
        assert place_rows(db) == PLACES
        assert "PATTERN='a[.]csv'" in str(db.rows("show create table {s}.places")[0][1])
        assert "rename table" not in staged(*select("landing.places"))

        log = staged(*select("landing"), "--vars", "ext_full_refresh: true")
        assert log.count("rename table") == 2
        assert place_rows(db) == PLACES
        assert set(db.relations()) == {"places", "big cities", "from_source"}

        catalog = run_dbt(["docs", "generate"])
        entry = catalog.sources["source.test.landing.places"]
        assert (entry.metadata.type, list(entry.columns)) == ("EXTERNAL TABLE", ["id", "name", "day"])

        run_dbt(["run-operation", "oceanbase__drop_external_sources"])
        assert set(db.relations()) == {"from_source"}
        assert (folder / "places" / "day=1" / "a.csv").exists()

    def test_a_table_of_that_name_remains(self, project: Any, db: Database, folder: Path) -> None:
        write_file(sources(folder), project.project_root, "models", "sources.yml")
        db.run("create table {s}.places as select 1 as id")

        assert "is a table, no external table: nothing was changed" in staged(
            *select("landing.places"), expect_pass=False
        )
        run_dbt(["run-operation", "oceanbase__drop_external_sources", *select("landing.places")], expect_pass=False)

        assert db.rows("select * from {s}.places") == [(1,)]
        db.run("drop table {s}.places")

    def test_no_file_is_a_warning(self, project: Any, db: Database, folder: Path) -> None:
        write_file(sources(folder, pattern="nothing"), project.project_root, "models", "sources.yml")
        assert "has no rows: check external.location and external.pattern" in staged(*select("landing.places"))

    def test_parquet_and_orc(self, project: Any, db: Database, folder: Path) -> None:
        db.run(f"select 5 as id, 'x' as name into outfile '{folder}/p.parquet' format = (type = 'parquet')")
        columns = [{"name": "id", "data_type": "bigint"}, {"name": "name", "data_type": "varchar(3)"}]
        for kind in ("parquet", "orc"):
            external = {"location": str(folder), "file_format": kind, "pattern": "parquet$"}
            table = {"name": "p", "external": external, "columns": columns}
            source = {"name": kind, "schema": "{{ target.schema }}", "tables": [table]}
            write_file(yaml.safe_dump({"sources": [source]}), project.project_root, "models", f"{kind}.yml")

        staged(*select("parquet"))
        assert db.rows("select * from {s}.p") == [(5, "x")]
        log = staged(*select("orc"), expect_pass=False)
        assert "source orc.p: external: OceanBase" in log
        assert "does not have it (error 1235" in log

    @pytest.mark.parametrize(
        ("selected", "expected"),
        [("nowhere", "'nowhere' is no source with the key external"), ("landing.plain", "landing.plain' is no source")],
    )
    def test_a_selection_that_is_wrong(self, project: Any, folder: Path, selected: str, expected: str) -> None:
        write_file(sources(folder), project.project_root, "models", "sources.yml")
        assert expected in staged(*select(selected), expect_pass=False)

    def test_the_key_of_a_bucket_is_not_shown(self, project: Any, folder: Path) -> None:
        url = "s3://b/x?host=127.0.0.1:1&access_id=NOTSHOWN&access_key=NOTSHOWN&s3_region=r"
        write_file(sources(folder, location=url), project.project_root, "models", "sources.yml")
        log = staged(*select("elsewhere.far"), expect_pass=False)
        assert "location = 's3://b/x?host=127.0.0.1:1&access_id=***&access_key=***" in log
        assert "object storage io error" in log
        assert "NOTSHOWN" not in log

    def test_another_host_or_key_of_a_bucket(self, project: Any, db: Database) -> None:
        """SHOW CREATE TABLE has neither the host nor the key."""

        def stage(host: str, key: str) -> tuple[str, list[tuple[Any, ...]]]:
            url = f"s3://b/x?host={host}&access_id=NOTSHOWN&access_key={key}&s3_region=r"
            table = {"name": "moved", "columns": place_columns("id"), "external": {"location": url}}
            text = yaml.safe_dump({"sources": [{"name": "s3", "schema": "{{ target.schema }}", "tables": [table]}]})
            write_file(text, project.project_root, "models", "s3.yml")
            return staged(*select("s3.moved")), db.rows("select id from {s}.moved")

        with bucket("1\n") as old, bucket("2\n") as new:
            assert stage(old, "NOTSHOWN")[1] == [(1,)]
            log, rows = stage(new, "NOTSHOWN")
            assert rows == [(2,)]
            assert "NOTSHOWN" not in log
            assert "rename table" in stage(new, "NOTSHOWNEITHER")[0]
        assert "moved" in db.relations()
        assert not {name for name in db.relations() if name.startswith("moved__")}

    def test_a_wrong_key(self, project: Any, folder: Path) -> None:
        write_file(sources(folder, patern="x"), project.project_root, "models", "sources.yml")
        log = staged(*select("landing.places"), expect_pass=False)
        assert "source landing.places: external: patern is not known: write pattern" in log
