"""Global settings of the server that are other than usual. Here they reach no other test's sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from faults.server import PASSWORD, Server
from support import engines
from support.outside import Database


class TestLenientServer:
    @pytest.fixture(scope="class", autouse=True)
    def lenient(self, server: Any) -> Iterator[None]:
        with server.cursor() as cursor:
            cursor.execute("select @@global.sql_mode")
            (mode,) = cursor.fetchone()
            cursor.execute("set global sql_mode = 'NO_BACKSLASH_ESCAPES'")
            yield
            cursor.execute("set global sql_mode = %s", (mode,))

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"texts.sql": "{{ config(materialized='table') }} select {{ dbt.string_literal('C:\\\\temp') }} as path"}

    def test_values_are_never_cut(self, project: Any) -> None:
        run_dbt(["run"])
        assert project.run_sql("select path from texts", fetch="all") == (("C:\\temp",),)
        project.run_sql("create table narrow (word varchar(3))")
        with pytest.raises(Exception, match="1406"):
            project.run_sql("insert into narrow values ('too long')")


class TestFolderOfFiles:
    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("files")

    @pytest.fixture(scope="class")
    def models(self, folder: Path) -> dict[str, str]:
        return {"guarded.sql": f"{{{{ config(materialized='external', location='{folder}') }}}} select 1 as n"}

    def test_a_folder_that_the_server_may_not_use(
        self, project: Any, db: Database, own_server: Server, has_external_tables: bool
    ) -> None:
        if not has_external_tables:
            pytest.skip("this server has no external tables")
        before = db.value("select @@global.secure_file_priv")
        # the server lets only a session on its unix socket change this
        with closing(engines.login(own_server.unix_socket, PASSWORD)) as local, local.cursor() as cursor:
            cursor.execute("set global secure_file_priv = '/nowhere'")
            try:
                [result] = run_dbt(["run"], expect_pass=False)
            finally:
                cursor.execute("set global secure_file_priv = %s", (before,))
        assert "the server may not use this folder (error 9731): have its secure_file_priv set" in result.message
        assert "guarded" not in db.relations()
