"""The steps that make AI models and endpoints those of the server, and the configs that are refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from dbt_common.context import get_invocation_context, set_invocation_context

from dbt.adapters.oceanbase.build import ai_models
from dbt.adapters.oceanbase.relation_configs.components import ConfigError
from dbt.adapters.oceanbase.sql.statement import Statement

ENDPOINT = {"url": "https://a/b", "provider": "openAI", "access_key_env": "DBT_ENV_SECRET_KEY"}
MODEL = {"name": "m", "type": "completion", "model_name": "x", "endpoint": ENDPOINT}
KEY = """it's "sekrit\\"""


def server(*endpoints: tuple[str, ...], models: tuple[tuple[str, ...], ...] = (("M", "COMPLETION", "x"),)) -> Any:
    return ai_models.registered(models, endpoints)


def steps(found: Any, key: str = KEY, **changes: Any) -> list[ai_models.Step]:
    [model] = ai_models.read_models([{**MODEL, "endpoint": {**ENDPOINT, **changes}}])
    return ai_models.steps_for(model, found, key)


def test_what_is_there_already_is_not_changed() -> None:
    found = server(("m", "M", "https://a/b", "OPENAI", KEY, None))

    assert [step.text for step in steps(found)] == ["AI model 'm': unchanged", "endpoint 'm': unchanged"]
    assert not any(step.statements for step in steps(found))


def test_only_differences_are_sent() -> None:
    [_, endpoint] = steps(server(("m", "m", "https://a/b", "openAI", "old", "own")), request_model_name="own")

    assert endpoint.text == "endpoint 'm': changed: access_key"
    [alter] = endpoint.statements
    assert alter.startswith("call dbms_ai_service.alter_ai_model_endpoint('m', '{")
    assert "https" not in alter


def test_a_model_that_changes_is_created_anew_and_can_be_restored() -> None:
    [model, _] = steps(server(models=(("m", "RERANK", "x"),)))

    assert [text.partition("(")[0].rpartition(".")[2] for text in model.statements] == [
        "drop_ai_model",
        "create_ai_model",
    ]
    assert '"type": "rerank"' in model.undo[0]


def test_an_endpoint_of_another_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="another endpoint for it, 'theirs', and a model has only one"):
        steps(server(("theirs", "M", "u", "openAI", "k", "")))


def test_the_endpoint_of_another_model_is_refused() -> None:
    found = server(("M", "Theirs", "u", "openAI", "k", ""), models=(("theirs", "RERANK", "x"),))

    with pytest.raises(ConfigError, match="AI model 'm': endpoint 'm': it serves the model 'Theirs': write another n"):
        steps(found)


def test_an_endpoint_without_its_model_is_taken() -> None:
    [_, endpoint] = steps(server(("m", "gone", "https://a/b", "openAI", KEY, "")))

    assert endpoint.text == "endpoint 'm': changed: ai_model_name"


def test_no_statement_shows_a_key() -> None:
    known = server(("m", "m", "u", "p", KEY, ""))
    assert "sekrit" not in repr(known) + repr(steps(known)) + repr(steps(server()))
    sent = [
        text
        for found in (server(), server(("m", "m", "u", "p", "k", "")))
        for s in steps(found)
        for text in s.statements
    ]

    assert any("sekrit" in text for text in sent)
    for text in sent:
        assert "sekrit" not in Statement(text).logged
        assert "sekrit" not in Statement(text).redact_answer(f"syntax error near '{text[60:]}' at line 1")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (None, "oceanbase_ai_models: it is no list of models"),
        ([], "oceanbase_ai_models: it is no list of models"),
        ([{**MODEL, "modelname": "x"}], "modelname is not known: write model_name"),
        ([{"name": "m", "type": "completion"}], "AI model 'm': model_name is missing"),
        ([MODEL, {**MODEL, "name": "M"}], "two models have the name 'm'"),
        ([MODEL, {**MODEL, "name": "n", "endpoint": {**ENDPOINT, "name": "M"}}], "two endpoints have the name 'm'"),
        ([{**MODEL, "endpoint": "u"}], "AI model 'm': endpoint is no mapping"),
        ([{**MODEL, "endpoint": {**ENDPOINT, "access_key": "sekrit"}}], "write access_key_env, the name of an env"),
        ([{**MODEL, "endpoint": {**ENDPOINT, "access_key_env": "sekrit"}}], "no name that begins with DBT_ENV_SECRET,"),
        ([{**MODEL, "endpoint": {**ENDPOINT, "access_key_env": ["sekrit"]}}], "access_key_env is missing, or no text"),
    ],
)
def test_refusals_name_the_reason_and_no_key(given: Any, refusal: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(refusal)) as refused:
        ai_models.read_models(given)

    text = str(refused.value.msg)
    assert "\n" not in text
    assert "sekrit" not in text


def test_a_server_without_the_service_is_named() -> None:
    text = str(ai_models.no_service("OceanBase 4.2.1").msg)

    assert text.startswith("AI models: OceanBase 4.2.1 has none (no oceanbase.DBA_OB_AI_MODELS): ")


@pytest.mark.parametrize("value", [None, " "])
def test_a_key_that_is_not_set_is_refused(value: str | None) -> None:
    [model] = ai_models.read_models([MODEL])
    set_invocation_context({} if value is None else {"DBT_ENV_SECRET_KEY": value})

    with pytest.raises(ConfigError, match="the environment variable DBT_ENV_SECRET_KEY is not set: set it to the key"):
        ai_models._key(model)
    assert get_invocation_context() is not None


def test_dropping_leaves_what_is_not_there() -> None:
    [model] = ai_models.read_models([MODEL])

    assert [step.text for step in ai_models.steps_to_drop(model, server(models=()))] == ["AI model 'm': not there"]
    dropped = ai_models.steps_to_drop(model, server(("e", "M", "u", "openAI", "k", "")))
    assert [step.text for step in dropped] == ["endpoint 'e': dropped", "AI model 'm': dropped"]
