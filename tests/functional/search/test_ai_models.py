"""AI models that an operation registers on the server, and models that call the server's AI functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support import ai_server
from support.outside import Database

VARIABLE = "DBT_ENV_SECRET_AI_KEY"
KEY = """k'e"y\\sekrit"""
"""A key that is escaped in JSON and in SQL, so that dbt does not find it in a statement by its value."""

NAMES = {"embed": "dense_embedding", "complete": "completion", "rerank": "rerank"}
PATHS = {"embed": "embeddings", "complete": "chat/completions", "rerank": "rerank"}

FUNCTIONS = """
{{ config(materialized='table', contract={'enforced': true}) }}
select id, ai_embed('{{ target.schema }}_embed', body) as meaning,
  ai_complete('{{ target.schema }}_complete', concat('say ', body)) as answer,
  ai_rerank('{{ target.schema }}_rerank', body, '["a cow", "a red hen"]') as ranked
from {{ ref('texts') }}
"""
SCHEMA = """
models:
  - name: functions
    columns:
      - {name: id, data_type: int}
      - {name: meaning, data_type: vector(3)}
      - {name: answer, data_type: text}
      - {name: ranked, data_type: json}
"""


def embed(text: str) -> list[float]:
    """Return a vector of three numbers for ``text``."""
    return [float(len(text)), text.count("e") / 4, -1e-7]


class TestAiModels:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"functions.sql": FUNCTIONS, "schema.yml": SCHEMA}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"texts.csv": "id,body\n1,red hen\n2,cow\n"}

    @pytest.fixture(scope="class")
    def provider(self) -> Iterator[ai_server.AiServer]:
        with ai_server.running(embed, KEY) as running:
            yield running

    @pytest.fixture
    def key(self, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv(VARIABLE, KEY)
        return KEY

    def configured(self, schema: str, base: str, **changes: Any) -> list[dict[str, Any]]:
        """Return three models. ``changes`` are values of the first one, or of its endpoint."""
        models: list[dict[str, Any]] = []
        for name, kind in NAMES.items():
            provider = "siliconflow" if name == "rerank" else "openAI"
            endpoint = {"url": f"{base}/{PATHS[name]}", "provider": provider, "access_key_env": VARIABLE}
            models.append({"name": f"{schema}_{name}", "type": kind, "model_name": "tiny", "endpoint": endpoint})
        first = models[0]
        for name, value in changes.items():
            (first if name in first else first["endpoint"])[name] = value
        return models

    def said(self, operation: str, models: list[dict[str, Any]], *flags: str, expect_pass: bool = True) -> str:
        arguments = ["run-operation", f"oceanbase__{operation}", "--args", json.dumps({"models": models})]
        return run_dbt_and_capture([*flags, *arguments], expect_pass=expect_pass)[1]

    def written(self, project: Any, logs_dir: str) -> str:
        """Return all that dbt has written to its log and to its artifacts."""
        folders = (Path(project.project_root) / "target", Path(logs_dir))
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return "\n".join(path.read_bytes().decode(errors="replace") for path in files)

    def test_models(self, project: Any, db: Database, provider: ai_server.AiServer, key: str, logs_dir: str) -> None:
        del key
        schema = project.test_schema
        models = self.configured(schema, provider.url)
        run_dbt(["seed"])

        said = self.said("register_ai_models", models, "--debug", "--log-format", "json", "--no-partial-parse")
        assert f"AI model '{schema}_embed': created" in said
        assert f"endpoint '{schema}_rerank': created" in said
        run_dbt(["--debug", "run"])

        assert "sekrit" not in said + self.written(project, logs_dir)
        assert "call dbms_ai_service.create_ai_model_endpoint('***', '***'" in self.written(project, logs_dir)
        assert {request.key for request in provider.requests} == {KEY}
        assert sorted(provider.texts()) == ["cow", "red hen"]
        rows = db.rows("select meaning, answer, ranked from {s}.functions order by id")
        assert [row[0] for row in rows] == ["[7,0.5,-0.0000001]", "[3,0,-0.0000001]"]
        assert rows[0][1] == "echo: say red hen"
        assert [each["index"] for each in json.loads(rows[0][2])] == [1, 0]

        again = self.said("register_ai_models", models)
        assert again.count(": unchanged") == 6
        assert "created" not in again

        self.changes(project, db, provider)
        self.failures(project, db, provider, logs_dir)

        dropped = self.said("drop_ai_models", models)
        assert dropped.count(": dropped") == 6
        assert self.said("drop_ai_models", models).count(": not there") == 3
        assert self.registered(db) == ([], [])

    def registered(self, db: Database) -> tuple[list[Any], list[Any]]:
        """Return the models and endpoints of this test that the server has."""
        own = f"'{db.schema}%'"
        return (
            db.rows(f"select name, type, model_name from oceanbase.DBA_OB_AI_MODELS where name like {own}"),
            db.rows(
                "select endpoint_name, url, access_key, request_model_name from oceanbase.DBA_OB_AI_MODEL_ENDPOINTS "
                f"where endpoint_name like {own}"
            ),
        )

    def changes(self, project: Any, db: Database, provider: ai_server.AiServer) -> None:
        """Only what differs is changed, and a model that is created anew keeps its endpoint."""
        schema = project.test_schema
        url = f"{provider.url}/v2/embeddings"
        models = self.configured(schema, provider.url, url=url, model_name="large", request_model_name="own")
        said = self.said("register_ai_models", models)
        assert f"AI model '{schema}_embed': created anew, changed: model_name" in said
        assert f"endpoint '{schema}_embed': changed: url, request_model_name" in said
        assert said.count(": unchanged") == 4

        run_dbt(["run"])
        last = [request for request in provider.requests if "embeddings" in request.path][-1]
        assert (last.path, last.body["model"], last.key) == ("/v2/embeddings", "own", KEY)

        models = self.configured(schema, provider.url, url=url, model_name="large")
        assert "changed: request_model_name" in self.said("register_ai_models", models)
        assert self.said("register_ai_models", models).count(": unchanged") == 6
        db.value(f"select ai_embed('{schema}_embed', 'x')")
        assert provider.requests[-1].body["model"] == "large"

    def failures(self, project: Any, db: Database, provider: ai_server.AiServer, logs_dir: str) -> None:
        schema = project.test_schema
        before = self.registered(db)
        for changes, refusal in (
            ({"type": "painting"}, f"AI model '{schema}_embed': the server refuses it: The value of param 'type'"),
            ({"provider": "nobody"}, f"endpoint '{schema}_embed': the server refuses it: The value of param 'prov"),
            ({"name": f"{schema}_other"}, ""),
            ({"access_key_env": "DBT_ENV_SECRET_UNSET"}, "the environment variable DBT_ENV_SECRET_UNSET is not set"),
        ):
            models = self.configured(schema, provider.url, url=before[1][0][1], model_name="large", **changes)
            if "name" in changes:
                models[0] = {**self.configured(schema, provider.url)[0], "model_name": "large"}
                models[0]["endpoint"]["name"] = f"{schema}_other"
                refusal = f"another endpoint for it, '{schema}_embed', and a model has only one: write endpoint: "
            said = self.said("register_ai_models", models, expect_pass=False)
            assert refusal in said, said
            assert sorted(self.registered(db)[0]) == sorted(before[0])
            assert sorted(self.registered(db)[1]) == sorted(before[1])

        models = self.configured(schema, provider.url, name=f"{schema}_second")
        models[0]["endpoint"]["name"] = f"{schema}_embed"
        said = self.said("register_ai_models", models, expect_pass=False)
        assert f"endpoint '{schema}_embed': it serves the model '{schema}_embed': write another name" in said
        assert [sorted(found) for found in self.registered(db)] == [sorted(found) for found in before]

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, "plain-sekrit")
            models = self.configured(schema, provider.url, url=before[1][0][1], model_name="large")
            assert self.said("register_ai_models", models).count("changed: access_key") == 3
            sent = len(provider.requests)
            [result], said = run_dbt_and_capture(["--debug", "run"], expect_pass=False)
        assert "http status code: 401" in result.message, (result.message, provider.requests[sent:])
        assert {request.key for request in provider.requests[sent:]} == {"plain-sekrit"}
        assert "sekrit" not in said + self.written(project, logs_dir)
