"""dbt-tests-adapter, folder ``hooks``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.hooks import test_model_hooks, test_run_hooks
from support.dialect import InDialect

pytestmark = pytest.mark.any_kernel

QUOTES = ('"', "`")
OUTSIDE = {"sql": "analyze table {{ this.schema }}.on_model_hook", "transaction": False}
PRE = [test_model_hooks.MODEL_PRE_HOOK, OUTSIDE]
POST = [OUTSIDE, test_model_hooks.MODEL_POST_HOOK]

RUN_END = [
    "{{ custom_run_hook('end', target, run_started_at, invocation_id) }}",
    "create table {{ target.schema }}.end_hook_order_test ( id int )",
    "drop table {{ target.schema }}.end_hook_order_test",
    "create table {{ target.schema }}.schemas ( `schema` text )",
    "insert into {{ target.schema }}.schemas (`schema`) values "
    "{% for schema in schemas %}( '{{ schema }}' ){% if not loop.last %},{% endif %}{% endfor %}",
    "create table {{ target.schema }}.db_schemas ( db text, `schema` text )",
    "insert into {{ target.schema }}.db_schemas (db, `schema`) values {% for db, schema in database_schemas %}"
    "({{ 'null' if db is none else 'db' }}, '{{ schema }}' ){% if not loop.last %},{% endif %}{% endfor %}",
]


def check(context: dict[str, Any], state: str, project: Any, target: dict[str, Any]) -> None:
    """Make the assertions of the suite's ``check_hooks``, with the values of this profile."""
    expected = {
        "test_state": state,
        "target_dbname": "",
        "target_host": target.get("host") or "",
        "target_name": "default",
        "target_schema": project.test_schema,
        "target_threads": 4,
        "target_type": "oceanbase",
        "target_user": target["user"],
        "target_pass": "",
    }
    assert {name: context[name] for name in expected} == expected
    assert context["run_started_at"]
    assert context["invocation_id"]
    assert context["thread_id"].startswith("Thread-") or context["thread_id"] == "MainThread"


class ModelHooks(test_model_hooks.BaseTestPrePost):
    # override: dialect: double quotes delimit strings, not names
    def get_ctx_vars(self, state: str, count: int, project: Any) -> Any:
        return super().get_ctx_vars(state, count, InDialect(project, QUOTES))

    # override: left to adapters: the values of the profile
    def check_hooks(self, state: str, project: Any, host: str | None, count: int = 1) -> None:
        for context in self.get_ctx_vars(state, count, project):
            check(context, state, project, project.adapter.config.credentials.to_dict())


class TestPrePostModelHooks(ModelHooks, test_model_hooks.BasePrePostModelHooks):
    # override: dialect: there is no vacuum; analyze table is used instead
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"test": {"pre-hook": PRE, "post-hook": POST}}}


class TestPrePostModelHooksUnderscores(ModelHooks, test_model_hooks.TestPrePostModelHooksUnderscores):
    # override: dialect: there is no vacuum; analyze table is used instead
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"test": {"pre_hook": PRE, "post_hook": POST}}}


class TestHookRefs(ModelHooks, test_model_hooks.BaseHookRefs):
    pass


class TestPrePostModelHooksOnSeeds(test_model_hooks.BasePrePostModelHooksOnSeeds):
    pass


class TestHooksRefsOnSeeds(test_model_hooks.BaseHooksRefsOnSeeds):
    pass


class TestPrePostModelHooksOnSeedsPlusPrefixed(test_model_hooks.BasePrePostModelHooksOnSeedsPlusPrefixed):
    pass


class TestPrePostModelHooksOnSeedsPlusPrefixedWhitespace(
    test_model_hooks.BasePrePostModelHooksOnSeedsPlusPrefixedWhitespace
):
    pass


class TestPrePostModelHooksOnSnapshots(test_model_hooks.BasePrePostModelHooksOnSnapshots):
    pass


class TestPrePostModelHooksInConfig(ModelHooks, test_model_hooks.BasePrePostModelHooksInConfig):
    pass


class TestPrePostModelHooksInConfigWithCount(ModelHooks, test_model_hooks.BasePrePostModelHooksInConfigWithCount):
    # override: dialect: there is no vacuum; analyze table is used instead
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"test": {"pre-hook": PRE, "post-hook": POST}}}


class TestPrePostModelHooksInConfigKwargs(ModelHooks, test_model_hooks.BasePrePostModelHooksInConfigKwargs):
    pass


class TestPrePostSnapshotHooksInConfigKwargs(test_model_hooks.BasePrePostSnapshotHooksInConfigKwargs):
    pass


class TestDuplicateHooksInConfigs(test_model_hooks.BaseDuplicateHooksInConfigs):
    pass


class TestPrePostRunHooks(test_run_hooks.BasePrePostRunHooks):
    # override: dialect: schema is a reserved word, and there is no database level above it
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "on-run-start": [
                "{{ custom_run_hook('start', target, run_started_at, invocation_id) }}",
                "create table {{ target.schema }}.start_hook_order_test ( id int )",
                "drop table {{ target.schema }}.start_hook_order_test",
                "{{ log(env_var('TERM_TEST'), info=True) }}",
            ],
            "on-run-end": RUN_END,
            "seeds": {"quote_columns": False},
        }

    # override: dialect: double quotes delimit strings, not names
    def get_ctx_vars(self, state: str, project: Any) -> Any:
        return super().get_ctx_vars(state, InDialect(project, QUOTES))

    # override: left to adapters: the values of the profile
    def check_hooks(self, state: str, project: Any, host: str | None) -> None:
        context = self.get_ctx_vars(state, project)
        check(context, state, project, project.adapter.config.credentials.to_dict())


class TestAfterRunHooks(test_run_hooks.BaseAfterRunHooks):
    pass
