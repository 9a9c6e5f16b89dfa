"""Register AI models and their endpoints on the server, for its SQL functions AI_EMBED, AI_COMPLETE and AI_RERANK.

An AI model is a name on the server that stands for one model of a provider, such as an embedding model. An endpoint has
the URL of the provider and the API key. A function gets the name of an AI model, by which the server finds the
endpoint. An AI model has at most one endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.base import available
from dbt_common.constants import SECRET_ENV_PREFIX
from dbt_common.context import get_invocation_context

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..catalog.server_info import NO_TABLE
from ..connect.quoting import literal
from ..execution.errors import DatabaseError
from ..relation_configs import values
from ..relation_configs.components import ConfigError, error

VARIABLE = "oceanbase_ai_models"
"""Name of the dbt variable in which a project configures its AI models."""

_MODEL_KEYS = ("name", "type", "model_name", "endpoint")
_ENDPOINT_KEYS = ("name", "url", "provider", "access_key_env", "request_model_name")
_KEY_ITSELF = ("access_key", "api_key", "key")

_MODELS = "select name, type, model_name from oceanbase.DBA_OB_AI_MODELS"
_ENDPOINTS = (
    "select endpoint_name, ai_model_name, url, provider, access_key, request_model_name "
    "from oceanbase.DBA_OB_AI_MODEL_ENDPOINTS"
)

_REFUSALS = range(11112, 11120)
"""Error codes with which the server refuses a wrong parameter of an AI model or of its endpoint."""


@dataclass(frozen=True)
class Endpoint:
    """The configuration of an endpoint, the address at which the provider of an AI model is reached.

    ``access_key_env`` is the name of the environment variable that has the API key. ``request_model_name`` is the
    provider's name of the AI model. An empty text means that this name is ``AiModel.model_name``.
    """

    name: str
    url: str
    provider: str
    access_key_env: str
    request_model_name: str = ""


@dataclass(frozen=True)
class AiModel:
    """The configuration of an AI model, a name on the server that stands for a model of a provider.

    ``endpoint`` is None if the project does not configure an endpoint. The adapter then neither creates nor changes an
    endpoint of this AI model.
    """

    name: str
    type: str
    model_name: str
    endpoint: Endpoint | None = None


@dataclass(frozen=True)
class Registered:
    """The AI models and endpoints that the server has. Two dicts map names in lower case to descriptions.

    A description is a dict that maps the names of the server's parameters to their values. The description of an
    endpoint has two more keys: ``name``, the name of the endpoint, and ``ai_model_name``, the name of its AI model.
    Since it also has the API key, ``repr`` does not show the endpoints.
    """

    models: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    endpoints: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def serving(self, model: str) -> str | None:
        """Return the name of the endpoint of the AI model named ``model``, or None if it has no endpoint."""
        served = (each["name"] for each in self.endpoints.values() if _same(each["ai_model_name"], model))
        return next(served, None)


@dataclass(frozen=True)
class Step:
    """One step of registering or dropping AI models: the statements to run, and the line that reports what was done.

    ``text`` is that line. ``statements`` run in this order, and are empty if nothing has to change. ``undo`` are the
    statements to run if one of ``statements`` succeeds and a later one fails. The ``repr`` shows only ``text``, because
    the statements may contain an API key.
    """

    text: str
    statements: tuple[str, ...] = field(default=(), repr=False)
    undo: tuple[str, ...] = field(default=(), repr=False)


class AiModelMixin(OceanBaseAdapterBase):
    """Adapter methods for the operations ``register_ai_models`` and ``drop_ai_models``."""

    @available.parse_list
    def register_ai_models(self, given: Any) -> list[str]:
        """Create or change AI models and endpoints on the server as configured, and return one line for each.

        ``given`` is the project's list of mappings, one for each AI model. A mapping has the keys ``name``, ``type``,
        ``model_name`` and, if the AI model has an endpoint, ``endpoint``: a mapping with ``url``, ``provider`` and
        ``access_key_env``, the name of an environment variable with the API key. An AI model or endpoint that the
        server already has with the same parameters is not changed. All AI models and all API keys are checked before
        the first change. Raise ConfigError if a mapping is wrong, if an environment variable is not set, if the server
        lacks this feature, if the server has another endpoint for an AI model or uses an endpoint for another AI model,
        or if the server refuses a parameter. Raise DatabaseError if a statement fails for any other reason. Neither the
        lines nor the errors contain an API key.
        """
        models = read_models(given)
        keys = {model.name: _key(model) for model in models}
        registered = self._registered()
        steps = [step for model in models for step in steps_for(model, registered, keys[model.name])]
        for step in steps:
            self._run_step(step)
        return [step.text for step in steps]

    @available.parse_list
    def drop_ai_models(self, given: Any) -> list[str]:
        """Drop the configured AI models and their endpoints from the server, and return one line for each.

        ``given`` is the project's list of mappings, one for each AI model, with the keys ``name``, ``type``,
        ``model_name`` and optionally ``endpoint``. The endpoint of an AI model is dropped even if the server has it
        under another name than the configured one. No environment variable is needed. Raise ConfigError if ``given`` is
        wrong or if the server lacks this feature.
        """
        models = read_models(given)
        registered = self._registered()
        steps = [step for model in models for step in steps_to_drop(model, registered)]
        for step in steps:
            self._run_step(step)
        return [step.text for step in steps]

    def _registered(self) -> Registered:
        try:
            _, models = self.connections.add_select_query(_MODELS)
            _, endpoints = self.connections.add_select_query(_ENDPOINTS)
        except DatabaseError as refused:
            raise (no_service(str(self.server_info())) if refused.server_code == NO_TABLE else refused) from None
        return registered(models.fetchall(), endpoints.fetchall())

    def _run_step(self, step: Step) -> None:
        """Run the statements of ``step``. If a statement after the first one fails, run ``step.undo``.

        Raise ConfigError if the server refuses a parameter, and DatabaseError for any other failure.
        """
        done = 0
        try:
            for statement in step.statements:
                self.execute(statement)
                done += 1
        except DatabaseError as refused:
            for statement in step.undo if done else ():
                self.execute(statement)
            if refused.server_code in _REFUSALS:
                subject, reason = step.text.partition(": ")[0], str(refused.msg).partition("\n")[0]
                raise error(subject, f"the server refuses it: {reason}", "correct it") from None
            raise


def no_service(server: str) -> ConfigError:
    """Return the error to raise if the server lacks the feature AI models. ``server`` is the text of its version."""
    return error("AI models", f"{server} has none (no oceanbase.DBA_OB_AI_MODELS)", "seekdb 1.3 and 1.4 have them")


def read_models(given: Any) -> list[AiModel]:
    """Return the AI models that ``given``, the project's list of mappings, configures.

    A mapping has the keys ``name``, ``type``, ``model_name``, and optionally ``endpoint``. The value of ``endpoint`` is
    a mapping with ``url``, ``provider``, ``access_key_env``, and optionally ``name`` (by default the name of the model)
    and ``request_model_name``. Raise ConfigError if ``given`` is not of this form, or if two models or two endpoints
    have the same name. The error never shows a value that may be an API key.
    """
    if not isinstance(given, list | tuple) or not given or not all(isinstance(each, Mapping) for each in given):
        raise error(VARIABLE, "it is no list of models", "write [{name: ..., type: ..., model_name: ...}]")
    models = [_read_model(each) for each in given]
    for kind, names in (
        ("models", [model.name for model in models]),
        ("endpoints", [model.endpoint.name for model in models if model.endpoint]),
    ):
        folded = [name.lower() for name in names]
        if twice := next((name for name in names if folded.count(name.lower()) > 1), None):
            raise error(VARIABLE, f"two {kind} have the name {twice!r}", "rename one of them")
    return models


def _read_model(given: Mapping[str, Any]) -> AiModel:
    entry = values.renamed(VARIABLE, given, _MODEL_KEYS, {})
    name = _required(VARIABLE, entry, "name")
    place = f"AI model {name!r}"
    endpoint = entry.get("endpoint")
    if endpoint is not None and not isinstance(endpoint, Mapping):
        raise error(place, "endpoint is no mapping", f"write {{{', '.join(_ENDPOINT_KEYS[1:4])}}}")
    return AiModel(
        name,
        _required(place, entry, "type").lower(),
        _required(place, entry, "model_name"),
        _read_endpoint(place, name, endpoint) if endpoint is not None else None,
    )


def _read_endpoint(place: str, model: str, given: Mapping[str, Any]) -> Endpoint:
    if key := next((name for name in given if str(name).lower() in _KEY_ITSELF), None):
        problem = f"{key}: a key does not belong in a project, whose files and artifacts others read"
        raise error(place, problem, "write access_key_env, the name of an environment variable with the key")
    entry = values.renamed(f"{place}: endpoint", given, _ENDPOINT_KEYS, {})
    place = f"{place}: endpoint"
    variable = _required(place, entry, "access_key_env")
    if not variable.startswith(SECRET_ENV_PREFIX):
        # the text is not shown, because it may be the key itself
        problem = f"access_key_env is no name that begins with {SECRET_ENV_PREFIX}"
        raise error(place, f"{problem}, and dbt hides only the values of such variables in its logs", "rename it")
    return Endpoint(
        values.text(f"{place}: name", entry.get("name")) or model,
        _required(place, entry, "url"),
        _required(place, entry, "provider"),
        variable,
        values.text(f"{place}: request_model_name", entry.get("request_model_name")),
    )


def _required(place: str, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise error(place, f"{key} is missing, or no text", f"write {key}")
    return value.strip()


def _key(model: AiModel) -> str:
    """Return the API key for the endpoint of ``model`` from the environment, or '' if ``model`` has no endpoint.

    Raise ConfigError if the environment variable is not set.
    """
    if model.endpoint is None:
        return ""
    variable = model.endpoint.access_key_env
    key = get_invocation_context().env.get(variable, "")
    if not key.strip():
        raise error(f"AI model {model.name!r}", f"the environment variable {variable} is not set", "set it to the key")
    return key


def registered(models: Sequence[Sequence[Any]], endpoints: Sequence[Sequence[Any]]) -> Registered:
    """Return the AI models and endpoints that the server has, from the rows of the queries for them.

    A row of ``models`` has the name, the type and the provider's name of an AI model. A row of ``endpoints`` has the
    name of the endpoint, the name of its AI model, the URL, the provider, the API key, and the provider's name of the
    AI model.
    """
    names = ("name", "ai_model_name", "url", "provider", "access_key", "request_model_name")
    served = (dict(zip(names, (str(part or "") for part in row), strict=True)) for row in endpoints)
    return Registered(
        {str(row[0]).lower(): {"type": str(row[1]).lower(), "model_name": str(row[2])} for row in models},
        {each["name"].lower(): each for each in served},
    )


def steps_for(model: AiModel, registered: Registered, key: str) -> list[Step]:
    """Return the steps after which the server has the AI model ``model`` and its endpoint as they are configured.

    ``registered`` has the AI models and endpoints that are on the server now, and ``key`` is the API key for the
    endpoint. Raise ConfigError if the server has an endpoint of another name for the AI model, or if the configured
    endpoint belongs to another AI model that the server has.
    """
    steps = [_step_for_model(model, registered)]
    if model.endpoint is None:
        return steps
    other = registered.serving(model.name)
    if other is not None and not _same(other, model.endpoint.name):
        problem = f"the server has another endpoint for it, {other!r}, and a model has only one"
        raise error(f"AI model {model.name!r}", problem, f"write endpoint: {{name: {other}}}, or drop that endpoint")
    _raise_on_endpoint_of_another(model, model.endpoint, registered)
    return [*steps, _step_for_endpoint(model, model.endpoint, registered, key)]


def _raise_on_endpoint_of_another(model: AiModel, endpoint: Endpoint, registered: Registered) -> None:
    """Raise ConfigError if ``endpoint``, which is configured for ``model``, belongs to another AI model on the server.

    There is no error if that other AI model has been dropped, since no call can use the endpoint for it any more.
    """
    found = registered.endpoints.get(endpoint.name.lower())
    served = found["ai_model_name"] if found else model.name
    if not _same(served, model.name) and served.lower() in registered.models:
        place = f"AI model {model.name!r}: endpoint {endpoint.name!r}"
        raise error(place, f"it serves the model {served!r}", "write another name, or drop that model")


def _step_for_model(model: AiModel, registered: Registered) -> Step:
    subject = f"AI model {model.name!r}"
    wanted = {"type": model.type, "model_name": model.model_name}
    create = _call("create_ai_model", model.name, wanted)
    found = registered.models.get(model.name.lower())
    if found is None:
        return Step(f"{subject}: created", (create,))
    changed = _differences(wanted, found)
    if not changed:
        return Step(f"{subject}: unchanged")
    # the server cannot alter a model
    undo = _call("create_ai_model", model.name, found)
    return Step(f"{subject}: created anew, changed: {', '.join(changed)}", (_drop_model(model.name), create), (undo,))


def _step_for_endpoint(model: AiModel, endpoint: Endpoint, registered: Registered, key: str) -> Step:
    subject = f"endpoint {endpoint.name!r}"
    found = registered.endpoints.get(endpoint.name.lower())
    wanted = {"ai_model_name": model.name, "url": endpoint.url, "provider": endpoint.provider, "access_key": key}
    if endpoint.request_model_name:
        wanted["request_model_name"] = endpoint.request_model_name
    if found is None:
        return Step(f"{subject}: created", (_call("create_ai_model_endpoint", endpoint.name, wanted),))
    if found["request_model_name"] and not endpoint.request_model_name:
        # the server cannot remove it, and this name is what it uses if there is none
        wanted["request_model_name"] = model.model_name
    changed = _differences(wanted, found)
    if not changed:
        return Step(f"{subject}: unchanged")
    alter = _call("alter_ai_model_endpoint", endpoint.name, {name: wanted[name] for name in changed})
    return Step(f"{subject}: changed: {', '.join(changed)}", (alter,))


def steps_to_drop(model: AiModel, registered: Registered) -> list[Step]:
    """Return the steps that drop ``model`` and its endpoint. ``registered`` has the server's models and endpoints."""
    steps = []
    if endpoint := registered.serving(model.name):
        steps.append(Step(f"endpoint {endpoint!r}: dropped", (_call("drop_ai_model_endpoint", endpoint),)))
    subject = f"AI model {model.name!r}"
    is_there = model.name.lower() in registered.models
    steps.append(Step(f"{subject}: dropped", (_drop_model(model.name),)) if is_there else Step(f"{subject}: not there"))
    return steps


def _drop_model(name: str) -> str:
    return _call("drop_ai_model", name)


def _differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return the names of the parameters in ``wanted`` that have another value in ``found``.

    The server ignores the case of a model's name and of a provider, so a difference in their case does not count.
    """
    is_same = {"ai_model_name": _same, "provider": _same}
    return [name for name in wanted if not is_same.get(name, str.__eq__)(wanted[name], found[name])]


def _same(name: str, other: str) -> bool:
    return name.lower() == other.lower()


def _call(procedure: str, name: str, parameters: Mapping[str, str] | None = None) -> str:
    """Return the CALL of ``procedure`` for the model or endpoint ``name``, with ``parameters`` as JSON.

    The arguments may contain an API key, and the adapter's log shows stars in place of every argument of a CALL.
    """
    arguments = [name] if parameters is None else [name, json.dumps(parameters, ensure_ascii=False)]
    return f"call dbms_ai_service.{procedure}({', '.join(literal(each) for each in arguments)})"
