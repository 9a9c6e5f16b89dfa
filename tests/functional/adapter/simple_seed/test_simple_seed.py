"""dbt-tests-adapter, folder ``simple_seed``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter.simple_seed import fixtures, seeds, test_seed
from dbt.tests.adapter.simple_seed.test_seed import (
    BaseBasicSeedTests,
    BaseSeedConfigFullRefreshOff,
    BaseSeedConfigFullRefreshOn,
    BaseSeedCustomSchema,
    BaseSeedParsing,
    BaseSeedSpecificFormats,
    BaseSeedWithEmptyDelimiter,
    BaseSeedWithUniqueDelimiter,
    BaseSeedWithWrongDelimiter,
    BaseSimpleSeedEnabledViaConfig,
    BaseSimpleSeedWithBOM,
    BaseTestEmptySeed,
)
from dbt.tests.adapter.simple_seed.test_seed_type_override import BaseSimpleSeedColumnOverride
from dbt.tests.util import copy_file, run_dbt
from support.dialect import in_dialect

pytestmark = pytest.mark.any_kernel


class ExpectedSeed:
    """The table that the suite compares seeds with, created in OceanBase's dialect."""

    # override: dialect: no TIMESTAMP WITHOUT TIME ZONE, and double quotes delimit strings
    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project: Any) -> None:
        sql = in_dialect(
            seeds.seeds__expected_sql,
            ("TIMESTAMP WITHOUT TIME ZONE", "datetime"),
            ('("seed_id","first_name","email","ip_address","birthday")', ""),
        )
        create, insert = sql.rstrip().rstrip(";").split(";")
        project.run_sql(create)
        project.run_sql(insert)


class TestBasicSeedTests(ExpectedSeed, BaseBasicSeedTests):
    # override: left to adapters: DROP does not cascade: a view on the seed still exists after a full refresh
    def test_simple_seed_full_refresh_flag(self, project: Any) -> None:
        self._build_relations_for_test(project)
        self._check_relation_end_state(run_dbt(["seed", "--full-refresh"]), project, exists=True)


class TestSeedConfigFullRefreshOn(ExpectedSeed, BaseSeedConfigFullRefreshOn):
    # override: left to adapters: DROP does not cascade: a view on the seed still exists after a full refresh
    def test_simple_seed_full_refresh_config(self, project: Any) -> None:
        self._build_relations_for_test(project)
        self._check_relation_end_state(run_dbt(["seed"]), project, exists=True)


class TestSeedConfigFullRefreshOff(ExpectedSeed, BaseSeedConfigFullRefreshOff):
    pass


class TestSeedCustomSchema(ExpectedSeed, BaseSeedCustomSchema):
    pass


class TestSeedWithUniqueDelimiter(ExpectedSeed, BaseSeedWithUniqueDelimiter):
    pass


class TestSeedWithWrongDelimiter(ExpectedSeed, BaseSeedWithWrongDelimiter):
    # override: left to adapters: the server's error message for a syntax error
    def test_seed_with_wrong_delimiter(self, project: Any) -> None:
        result = run_dbt(["seed"], expect_pass=False).results[0]
        assert "you have an error in your sql syntax" in result.message.lower()


class TestSeedWithEmptyDelimiter(ExpectedSeed, BaseSeedWithEmptyDelimiter):
    pass


class TestSimpleSeedEnabledViaConfig(BaseSimpleSeedEnabledViaConfig):
    # override: dialect: DROP SCHEMA takes no CASCADE
    @pytest.fixture
    def clear_test_schema(self, project: Any) -> Iterator[None]:
        yield
        project.run_sql(f"drop schema if exists {project.test_schema}")


class TestSeedParsing(ExpectedSeed, BaseSeedParsing):
    pass


class TestSimpleSeedWithBOM(ExpectedSeed, BaseSimpleSeedWithBOM):
    # override: left to adapters: the path of the file with the byte order mark
    @pytest.fixture(scope="class", autouse=True)
    def copied_seed(self, project: Any, setUp: None) -> None:
        copy_file(
            Path(test_seed.__file__).parent,
            "seed_bom.csv",
            project.project_root / "seeds" / "seed_bom.csv",
            "",
        )


class TestSeedSpecificFormats(BaseSeedSpecificFormats):
    # override: left to adapters: the folder for the large seed
    @pytest.fixture(scope="class")
    def test_data_dir(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("seeds") / "data"


class TestEmptySeed(BaseTestEmptySeed):
    pass


class TestSimpleSeedColumnOverride(BaseSimpleSeedColumnOverride):
    # override: left to adapters: the type names
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        schema = in_dialect(
            fixtures.properties__schema_yml,
            ("type: integer", "type: bigint"),
            ("type: boolean", "type: tinyint(1)"),
            ("type: timestamp without time zone", "type: datetime"),
        )
        # no types are declared for the last two columns, and their values are short
        declared, inferred, rest = schema.partition("- name: relative")
        return {"schema.yml": declared + inferred + in_dialect(rest, ("type: text", "type: varchar(255)"))}
