"""The example project for search by meaning: with its precomputed vectors, and with an AI model behind HTTP."""

from __future__ import annotations

import csv
import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import ai_server, engines
from support.dbt_process import DbtProcess

EXAMPLE = Path(__file__).parents[3] / "examples" / "semantic_search"
VARIABLE = "DBT_ENV_SECRET_EMBEDDING_KEY"
SECONDS = 900


def script() -> Any:
    """Return the example's script as a module."""
    spec = importlib.util.spec_from_file_location("embed", EXAMPLE / "scripts" / "embed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Project:
    """A copy of the example in ``folder``. ``kernel`` is the kernel under test."""

    def __init__(self, folder: Path, kernel: str) -> None:
        self.folder, self.kernel = folder, kernel
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("warehouse", "target", "logs", "__pycache__"))

    def dbt(self, *arguments: str, variables: dict[str, Any] | None = None) -> str:
        """Run dbt, which must succeed, and return its output."""
        given = ("--vars", json.dumps(variables)) if variables else ()
        words = ("--no-use-colors", *arguments, *given)
        process = DbtProcess(self.folder, words, self.kernel, patches=engines.PATIENT_SETUP)
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
        assert process.poll() == 0, process.output[-3000:]
        return process.output

    def rows_of(self, node: str) -> int:
        """Return the number of rows that the last run says that it has written for the model ``node``."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        [found] = [result for result in results if result["unique_id"] == f"model.semantic_search.{node}"]
        return int(found["adapter_response"]["rows_affected"])

    def answers(self, **variables: Any) -> list[dict[str, Any]]:
        """Return the rows of the hybrid query."""
        output = self.dbt("show", "--select", "hybrid_search", "--output", "json", variables=variables)
        shown: list[dict[str, Any]] = json.loads(output[output.index("\n{") :])["show"]
        return shown


def test_the_seed_has_the_vectors_of_the_script(tmp_path: Path) -> None:
    module = script()
    committed = (EXAMPLE / "seeds" / "precomputed_vectors.csv").read_text()
    shutil.copytree(EXAMPLE / "seeds", tmp_path / "seeds")
    module.SEEDS = tmp_path / "seeds"

    module.main()

    assert (tmp_path / "seeds" / "precomputed_vectors.csv").read_text() == committed


@pytest.mark.takes(90)
def test_the_example(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "search", request.config.getoption("--kernel"))
    embed = script().embed

    project.dbt("build")
    assert project.rows_of("embeddings") == 80
    [best, second, *_] = project.answers(question="pruning roses in spring")
    # the vectors alone prefer another document
    assert best["document_id"] == "garden-4"
    assert best["meaning_rank"] > 1
    assert best["score"] == pytest.approx(1 / (60 + best["meaning_rank"]) + 1 / (60 + best["word_rank"]), abs=1e-6)
    assert best["score"] > second["score"]

    monkeypatch.setenv(VARIABLE, "k-sekrit")
    with ai_server.running(embed, "k-sekrit") as provider:
        endpoint = {"url": f"{provider.url}/embeddings", "provider": "openAI", "access_key_env": VARIABLE}
        model = {"name": "example_embedding", "type": "dense_embedding", "model_name": "tiny", "endpoint": endpoint}
        project.dbt("run-operation", "oceanbase__register_ai_models", "--args", json.dumps({"models": [model]}))
        project.dbt("build", "--full-refresh", variables={"use_ai_model": True})
        # 80 chunks, and the ten questions of the example's own test, which passes with these vectors, too
        assert len(provider.texts()) == 90

        change_a_paragraph(project.folder / "seeds" / "documents.csv")
        provider.requests.clear()
        project.dbt("build", "--exclude", "test_type:data", variables={"use_ai_model": True})
        assert provider.texts() == ["Reading notes: A clef is a key."]
        assert (project.rows_of("chunks"), project.rows_of("embeddings")) == (2, 1)


def change_a_paragraph(seed: Path) -> None:
    """Replace the second paragraph of one document."""
    with seed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["document_id"] == "music-3":
            row["body"] = f"{row['body'].partition(chr(10))[0]}\n\nA clef is a key."
    with seed.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
