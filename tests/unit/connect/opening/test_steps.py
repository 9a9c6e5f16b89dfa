"""Steps of other packages: found by entry point, called in order, and named in the error when they fail."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dbt.adapters.oceanbase.connect.errors import ConnectError, HostUnreachable, StepFailed
from dbt.adapters.oceanbase.connect.opening import steps
from dbt.adapters.oceanbase.connect.opening.steps import ConnectRequest, Step
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, TlsOptions

ROOT = Path(__file__).parents[4]
PLUGIN = ROOT / "tests" / "fixtures_plugin"
SECRET = "s3cr3t-word"

REQUEST = ConnectRequest(
    Endpoint("ob1"), LoginOptions("dbt", "analytics", password=SECRET), TlsOptions("required", key="/keys/s3cr3t-word")
)

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test as a new process does, without loaded steps."""
    monkeypatch.setattr(steps, "_loaded", None)
    monkeypatch.setattr(steps, "_origins", {})


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that puts a package with entry points on the path, as pip does."""
    modules: list[str] = []

    def make(distribution: str, module: str, code: str, **points: str) -> None:
        folder = tmp_path / distribution
        info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(textwrap.dedent(code))
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        lines = [f"{name} = {module}:{attribute}" for name, attribute in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[dbt_oceanbase.connect]", *lines, ""]))
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, module, raising=False)
        modules.append(module)

    yield make
    for module in modules:
        sys.modules.pop(module, None)


def failure(call: Callable[[], object]) -> str:
    """Return the text of a StepFailed, and check its form, and that neither text nor traceback holds a secret."""
    with pytest.raises(StepFailed) as caught:
        call()
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) <= 300
    assert text.endswith(": correct or uninstall it")
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert not caught.value.retryable
    return text


def change(**changes: Any) -> ConnectRequest:
    return replace(REQUEST, login=replace(REQUEST.login, **changes))


# -- finding


def test_without_packages_there_are_no_steps() -> None:
    assert steps.steps() == ()
    assert steps.apply_before_connect(REQUEST, steps.steps()) is REQUEST


def test_steps_come_in_the_order_of_their_names(install: Install) -> None:
    code = """
        from dataclasses import replace
        class Step:
            def __init__(self, mark): self.mark = mark
            def before_connect(self, request):
                login = replace(request.login, password=request.login.password + self.mark)
                return replace(request, login=login)
        def a(): return Step("a")
        def b(): return Step("b")
        def c(): return Step("c")
    """
    install("acme-two", "acme_two", code, third="c", first="a")
    install("acme-one", "acme_one", code, second="b")

    found = steps.apply_before_connect(change(password=""), steps.steps())

    assert found.login.password == "abc"


def test_steps_are_loaded_once_by_many_threads(install: Install) -> None:
    install(
        "acme-slow",
        "acme_slow",
        """
        import time
        made = []
        class Step:
            def __init__(self):
                time.sleep(0.2)
                made.append(self)
            def connected(self, endpoint, session_id): pass
        """,
        slow="Step",
    )
    found: list[tuple[Step, ...]] = []
    threads = [threading.Thread(target=lambda: found.append(steps.steps())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert {tuple(map(id, each)) for each in found} == {(id(sys.modules["acme_slow"].made[0]),)}
    assert len(sys.modules["acme_slow"].made) == 1


def test_the_metadata_of_packages_is_read_by_opening_alone() -> None:
    script = (
        "import sys, dbt.adapters.oceanbase.connect.opening.steps as s; print(s._loaded, 'acme_token' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout == "None False\n"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("raise ValueError('s3cr3t-word')", "raised ValueError (acme_bad.py, line 1)"),
        ("import no_such_module", "raised ModuleNotFoundError of 'no_such_module' (acme_bad.py, line 1)"),
        ("def Step():\n    raise KeyError('s3cr3t-word')", "raised KeyError (acme_bad.py, line 2)"),
        ("Step = 's3cr3t-word'", "raised TypeError"),
        ("Other = 1", "raised AttributeError"),
        ("class Step:\n    def __init__(self, url): ...", "raised TypeError"),
    ],
)
def test_a_step_that_cannot_be_loaded_is_named(code: str, what: str, install: Install) -> None:
    install("acme-bad", "acme_bad", code, token="Step")

    assert failure(steps.steps) == (
        f"step 'token' of acme-bad cannot be loaded: acme_bad:Step {what}: correct or uninstall it"
    )


def test_a_package_whose_module_is_missing_is_named(install: Install, tmp_path: Path) -> None:
    install("acme-bad", "acme_bad", "", token="Step")
    (tmp_path / "acme-bad" / "acme_bad.py").unlink()

    assert "acme_bad:Step raised ModuleNotFoundError of 'acme_bad': " in failure(steps.steps)


@pytest.mark.parametrize("body", ["pass", "def before_conect(self, request): return request", "connected = None"])
def test_a_step_that_would_never_be_called_is_refused(body: str, install: Install) -> None:
    install("acme-bad", "acme_bad", f"class Step:\n    {body}", token="Step")

    assert failure(steps.steps) == (
        "step 'token' of acme-bad cannot be loaded: it has none of the methods "
        "before_connect, connected, connect_failed, hosts_changed: correct or uninstall it"
    )


def test_one_that_could_not_be_loaded_is_loaded_by_the_next_call(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        "acme-env",
        "acme_env",
        """
        import os
        class Step:
            def __init__(self): self.url = os.environ["ACME_URL"]
            def connected(self, endpoint, session_id): pass
        """,
        env="Step",
    )
    monkeypatch.delenv("ACME_URL", raising=False)
    failure(steps.steps)
    monkeypatch.setenv("ACME_URL", "http://tokens")

    assert len(steps.steps()) == 1


def test_an_entry_point_without_a_distribution_is_named_all_the_same(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import metadata

    point = metadata.EntryPoint("loose", "no_such_module:Step", steps.GROUP)
    monkeypatch.setattr(metadata, "entry_points", lambda group: (point,))

    assert failure(steps.steps).startswith("step 'loose' of an unknown distribution cannot be loaded: ")


# -- before_connect


class Changes(Step):
    """A step that returns or raises ``answer``."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def before_connect(self, request: ConnectRequest) -> ConnectRequest:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[return-value]


class Tells:
    """A step that records its calls and does not change the request."""

    def __init__(self, error: Exception | None = None) -> None:
        self.told: list[tuple[object, ...]] = []
        self.error = error

    def connected(self, endpoint: Endpoint, session_id: int) -> None:
        self.told.append(("connected", endpoint, session_id))
        if self.error is not None:
            raise self.error

    def connect_failed(self, endpoint: Endpoint, error: ConnectError) -> None:
        self.told.append(("connect_failed", endpoint, error))


@pytest.mark.parametrize(
    "changed",
    [
        REQUEST,
        change(password="token"),
        change(user="somebody", tenant=None),
        replace(REQUEST, endpoint=Endpoint(unix_socket="/run/sql.sock")),
        replace(REQUEST, tls=TlsOptions("verify_identity")),
    ],
)
def test_a_step_may_change_any_part(changed: ConnectRequest) -> None:
    assert steps.apply_before_connect(REQUEST, [Changes(changed)]) == changed


def test_a_step_that_is_only_told_leaves_the_request() -> None:
    assert steps.apply_before_connect(REQUEST, [Tells(), Inherits()]) is REQUEST  # type: ignore[list-item]


class Inherits(Step):
    """A step that overrides no method."""


def test_what_a_step_inherits_does_nothing(caplog: pytest.LogCaptureFixture) -> None:
    step = Inherits()

    steps.notify([step], "connected", REQUEST.endpoint, 7)
    steps.notify([step], "connect_failed", REQUEST.endpoint, ConnectError("x"))
    steps.notify([step], "hosts_changed", (REQUEST.endpoint,))

    assert steps.apply_before_connect(REQUEST, [step]) is REQUEST
    assert not caplog.messages


@pytest.mark.parametrize("error", [KeyError(SECRET), HostUnreachable(SECRET), ImportError(SECRET)])
def test_a_step_that_raises_is_named_without_its_text(error: Exception) -> None:
    text = failure(lambda: steps.apply_before_connect(REQUEST, [Changes(error)]))

    assert text.startswith(
        f"step 'Changes' of {__name__} failed: before_connect raised {type(error).__name__} (test_steps.py, line "
    )


def test_an_interrupt_is_no_failure_of_the_step() -> None:
    with pytest.raises(KeyboardInterrupt):
        steps.apply_before_connect(REQUEST, [Changes(KeyboardInterrupt())])


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (None, "returned NoneType, not a ConnectRequest"),
        (SECRET, "returned str, not a ConnectRequest"),
        (replace(REQUEST, endpoint="ob2:2881"), "returned a request with str in place of Endpoint"),  # type: ignore[arg-type]
        (replace(REQUEST, login=None), "returned a request with NoneType in place of LoginOptions"),  # type: ignore[arg-type]
        (replace(REQUEST, tls={}), "returned a request with dict in place of TlsOptions"),  # type: ignore[arg-type]
        (change(password=SECRET.encode()), "returned a password of type bytes, not str"),
        (change(password=None), "returned a password of type NoneType, not str"),
    ],
)
def test_a_step_that_returns_something_else_is_named(answer: object, what: str) -> None:
    text = failure(lambda: steps.apply_before_connect(REQUEST, [Changes(answer)]))

    assert text == f"step 'Changes' of {__name__} failed: before_connect {what}: correct or uninstall it"


def test_long_names_leave_room_for_the_reason(install: Install) -> None:
    install("a" + "-long" * 30 + "-name", "acme_long", "Step = 1", **{"n" * 200: "Step"})

    text = failure(steps.steps)

    assert " raised TypeError: " in text


def test_a_request_shows_neither_password_nor_key() -> None:
    assert SECRET not in repr(REQUEST)
    assert "dbt" in repr(REQUEST)


# -- the other methods


def test_those_who_want_to_know_are_told(caplog: pytest.LogCaptureFixture) -> None:
    first, second = Tells(), Tells()
    error = HostUnreachable("gone", 2013)

    steps.notify([first, Changes(REQUEST), second], "connected", REQUEST.endpoint, 7)  # type: ignore[list-item]
    steps.notify([first, second], "connect_failed", REQUEST.endpoint, error)  # type: ignore[list-item]
    steps.notify([first, second], "hosts_changed", (REQUEST.endpoint,))  # type: ignore[list-item]

    assert (
        first.told
        == second.told
        == [
            ("connected", REQUEST.endpoint, 7),
            ("connect_failed", REQUEST.endpoint, error),
        ]
    )
    assert not caplog.messages


def test_one_that_fails_when_told_is_one_line_and_the_next_is_told(caplog: pytest.LogCaptureFixture) -> None:
    first, second = Tells(ValueError(SECRET + "\nmore")), Tells()

    steps.notify([first, second], "connected", REQUEST.endpoint, 7)  # type: ignore[list-item]

    (text,) = caplog.messages
    assert text.startswith(f"step 'Tells' of {__name__} failed: connected raised ValueError (test_steps.py, line ")
    assert text.isprintable()
    assert SECRET not in caplog.text
    assert second.told == [("connected", REQUEST.endpoint, 7)]


# -- the example of docs/steps.md, as it is installed


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Install the example, and return the file that its token is read from."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    monkeypatch.delitem(sys.modules, "acme_token", raising=False)
    token = tmp_path / "token"
    monkeypatch.setenv("ACME_TOKEN_URL", token.as_uri())
    token.write_text("a token\n")
    return token


def test_the_example_supplies_the_password(example: Path) -> None:
    assert steps.apply_before_connect(change(password=""), steps.steps()) == change(password="a token")

    example.write_text("another\n")
    assert steps.apply_before_connect(change(password=""), steps.steps()).login.password == "another"


def test_the_example_writes_down_what_happens(example: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "acme_token"):
        steps.notify(steps.steps(), "connected", Endpoint("ob1"), 7)
        steps.notify(steps.steps(), "connect_failed", Endpoint("ob1"), ConnectError("x", 1045))
        steps.notify(steps.steps(), "hosts_changed", (Endpoint("ob1"), Endpoint("ob2", 3881)))

    assert caplog.messages == [
        "session 7 on ob1:2881",
        "ob1:2881 failed with code 1045",
        "the servers are now ob1:2881, ob2:3881",
    ]


def test_the_page_shows_the_example_and_its_failure_as_they_are(example: Path) -> None:
    page = (ROOT / "docs" / "steps.md").read_text()
    example.unlink()

    text = failure(lambda: steps.apply_before_connect(REQUEST, steps.steps()))

    assert f"\n  {text}\n" in page
    assert f"```python\n{(PLUGIN / 'acme_token.py').read_text()}```\n" in page
    points = (PLUGIN / "acme_token-1.0.dist-info" / "entry_points.txt").read_text()
    assert points == f"[{steps.GROUP}]\ntoken = acme_token:TokenStep\n"
    assert f'[project.entry-points."{steps.GROUP}"]\ntoken = "acme_token:TokenStep"\n' in page
