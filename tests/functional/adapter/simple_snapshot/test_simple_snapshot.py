"""dbt-tests-adapter, folder ``simple_snapshot``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbt.tests.adapter.simple_snapshot import (
    fixtures,
    new_record_dbt_valid_to_current,
    new_record_timestamp_mode,
    test_various_configs,
)
from dbt.tests.adapter.simple_snapshot import test_ephemeral_snapshot_hard_deletes as ephemeral_snapshot
from dbt.tests.adapter.simple_snapshot.new_record_check_mode import BaseSnapshotNewRecordCheckMode
from dbt.tests.adapter.simple_snapshot.test_snapshot import BaseSimpleSnapshot, BaseSnapshotCheck
from support.dialect import in_dialect

pytestmark = pytest.mark.any_kernel

ONE_PART_NAME = ("{database}.", "")
NAME_IN_MODEL = ("{{target.database}}.", "")
ONE_HOUR = ("interval '1 hour'", "interval 1 hour")
NEW_EMAIL = ("'new_' || email", "concat('new_', email)")
NO_DATE = ("null::timestamp", "cast(null as datetime)")
HASH = (
    "md5(id || '-' || first_name || '|' || updated_at::text)",
    "md5(concat(id, '-', first_name, '|', updated_at))",
)
HASH_OF_KEYS = (
    "md5(id1::text || '|' || id2::text || '|' || updated_at::text)",
    "md5(concat_ws('|', id1, id2, updated_at))",
)
UNIQUE_KEY = ("'id || ' ~ \"'-'\" ~ ' || first_name'", "\"concat(id, '-', first_name)\"")


class ChangesInDialect:
    """Updates of the suite's table of facts, in OceanBase's dialect."""

    # override: dialect: || is a logical OR, and the number of an interval must not be quoted
    def update_fact_records(self, updates: dict[str, str], where: str | None = None) -> None:
        changes = {
            "updated_at + interval '1 day'": "updated_at + interval 1 day",
            "first_name || ' ' || last_name": "concat(first_name, ' ', last_name)",
        }
        super().update_fact_records({column: changes.get(value, value) for column, value in updates.items()}, where)  # type: ignore[misc]


class TestSimpleSnapshot(ChangesInDialect, BaseSimpleSnapshot):
    pass


class TestSnapshotCheck(ChangesInDialect, BaseSnapshotCheck):
    pass


class StatementsInDialect:
    """The statements of ``test_various_configs``, in OceanBase's dialect. The tests read them from module variables."""

    # override: dialect: no :: or || operator, no quoted interval, and TIMESTAMP ends in 2038
    @pytest.fixture(scope="class", autouse=True)
    def statements(self) -> Iterator[None]:
        datetimes = ("TIMESTAMP", "datetime")
        changes = {
            "create_seed_sql": [datetimes],
            "create_snapshot_expected_sql": [datetimes],
            "create_multi_key_seed_sql": [datetimes],
            "create_multi_key_snapshot_expected_sql": [datetimes],
            "populate_snapshot_expected_sql": [NO_DATE, HASH],
            "populate_snapshot_expected_valid_to_current_sql": [HASH],
            "populate_multi_key_snapshot_expected_sql": [NO_DATE, HASH_OF_KEYS],
            "invalidate_sql": [ONE_HOUR, NEW_EMAIL],
            "invalidate_multi_key_sql": [ONE_HOUR, NEW_EMAIL],
            "update_sql": [NO_DATE, HASH],
            "update_with_current_sql": [HASH],
            "update_multi_key_sql": [NO_DATE, HASH_OF_KEYS],
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, pairs in changes.items():
                patch.setattr(test_various_configs, name, in_dialect(getattr(fixtures, name), *pairs))
            yield


class SnapshotOfSeed(StatementsInDialect):
    # override: dialect: names have two parts, and || is a logical OR
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"snapshot.sql": in_dialect(fixtures.snapshot_actual_sql, NAME_IN_MODEL, UNIQUE_KEY)}


class TestSnapshotColumnNames(SnapshotOfSeed, test_various_configs.BaseSnapshotColumnNames):
    pass


class TestSnapshotColumnNamesFromDbtProject(SnapshotOfSeed, test_various_configs.BaseSnapshotColumnNamesFromDbtProject):
    pass


class TestSnapshotInvalidColumnNames(SnapshotOfSeed, test_various_configs.BaseSnapshotInvalidColumnNames):
    pass


class TestSnapshotDbtValidToCurrent(SnapshotOfSeed, test_various_configs.BaseSnapshotDbtValidToCurrent):
    pass


class TestSnapshotMultiUniqueKey(StatementsInDialect, test_various_configs.BaseSnapshotMultiUniqueKey):
    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "seed.sql": in_dialect(fixtures.model_seed_sql, NAME_IN_MODEL),
            "snapshots.yml": fixtures.snapshots_multi_key_yml,
            "ref_snapshot.sql": fixtures.ref_snapshot_sql,
        }


class NewRecordInDialect:
    """The statements and models of the tests of ``hard_deletes: new_record``, in OceanBase's dialect."""

    # override: dialect: names have two parts, and || is a logical OR
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        sql = in_dialect(new_record_timestamp_mode._snapshot_actual_sql, NAME_IN_MODEL, UNIQUE_KEY)
        return {"snapshot.sql": sql}

    # override: dialect: names have two parts, and there is no :: and no TIMESTAMP WITHOUT TIME ZONE
    @pytest.fixture(scope="class")
    def seed_new_record_mode_statements(self) -> list[str]:
        seed, expected, rows, expected_rows = new_record_timestamp_mode._seed_new_record_mode_statements
        datetimes = ("TIMESTAMP WITHOUT TIME ZONE", "datetime")
        return [
            in_dialect(seed, ONE_PART_NAME, datetimes),
            in_dialect(expected, ONE_PART_NAME, datetimes),
            in_dialect(rows, ONE_PART_NAME),
            in_dialect(expected_rows, ONE_PART_NAME, NO_DATE, HASH),
        ]

    # override: dialect: || is a logical OR, and the number of an interval must not be quoted
    @pytest.fixture(scope="class")
    def invalidate_sql_statements(self) -> list[str]:
        source, snapshot = new_record_timestamp_mode._invalidate_sql_statements
        return [in_dialect(source, ONE_HOUR, NEW_EMAIL), in_dialect(snapshot, ONE_HOUR)]

    # override: dialect: names have two parts, and there is no :: operator
    @pytest.fixture(scope="class")
    def update_sql(self) -> str:
        return in_dialect(new_record_timestamp_mode._update_sql, ONE_PART_NAME, NO_DATE, HASH)

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def delete_sql(self) -> str:
        return in_dialect(new_record_timestamp_mode._delete_sql, ONE_PART_NAME)

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def reinsert_sql(self) -> str:
        return in_dialect(new_record_timestamp_mode._reinsert_sql, ONE_PART_NAME)


class TestSnapshotNewRecordTimestampMode(
    NewRecordInDialect, new_record_timestamp_mode.BaseSnapshotNewRecordTimestampMode
):
    pass


class TestSnapshotNewRecordCheckMode(NewRecordInDialect, BaseSnapshotNewRecordCheckMode):
    pass


class TestSnapshotNewRecordDbtValidToCurrent(new_record_dbt_valid_to_current.BaseSnapshotNewRecordDbtValidToCurrent):
    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"snapshot.sql": in_dialect(new_record_dbt_valid_to_current._snapshot_actual_sql, NAME_IN_MODEL)}

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def seed_new_record_mode_statements(self) -> list[str]:
        statements = new_record_dbt_valid_to_current._seed_new_record_mode_statements
        return [in_dialect(statement, ONE_PART_NAME) for statement in statements]

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def delete_sql(self) -> str:
        return in_dialect(new_record_dbt_valid_to_current._delete_sql, ONE_PART_NAME)


class SourceInDialect:
    """The statements of ``test_ephemeral_snapshot_hard_deletes``, in OceanBase's dialect."""

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def source_create_sql(self) -> str:
        return in_dialect(ephemeral_snapshot._source_create_sql, ONE_PART_NAME)

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def source_insert_sql(self) -> str:
        return in_dialect(ephemeral_snapshot._source_insert_sql, ONE_PART_NAME)

    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def source_alter_sql(self) -> str:
        return in_dialect(ephemeral_snapshot._source_alter_sql, ONE_PART_NAME)


class TestSnapshotEphemeralHardDeletes(SourceInDialect, ephemeral_snapshot.BaseSnapshotEphemeralHardDeletes):
    pass


class TestSnapshotNewColumnTimestampStrategy(
    SourceInDialect, ephemeral_snapshot.BaseSnapshotNewColumnTimestampStrategy
):
    pass


class TestSnapshotNewColumnSpecificCheckCols(
    SourceInDialect, ephemeral_snapshot.BaseSnapshotNewColumnSpecificCheckCols
):
    pass


class TestSnapshotNewColumnWithDeletes(SourceInDialect, ephemeral_snapshot.BaseSnapshotNewColumnWithDeletes):
    # override: dialect: names have two parts
    @pytest.fixture(scope="class")
    def source_delete_sql(self) -> str:
        return in_dialect(ephemeral_snapshot._source_delete_sql, ONE_PART_NAME)
