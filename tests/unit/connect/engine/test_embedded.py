"""The embedded engine's errors, and its state in a process, with a fake of its library."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.engine import embedded
from dbt.adapters.oceanbase.connect.engine import log as engine_log
from dbt.adapters.oceanbase.connect.options import EngineOptions

FIRST = "[2026-01-01 00:00:00.000001] EDIAG [STORAGE] start (a.cpp:1) [1][seekdb][Y0] [lt=8][errcode=-4624] {}"
LAST = (
    "[2026-01-01 00:00:00.000002] ERROR [STORAGE] start (ob_server.cpp:1254) [3465][seekdb][Y0-01-0-0] [lt=51]"
    "[errcode=-4624] [server_start 9/14] observer instance start fail. you may find solutions in previous error logs "
    "or seek help from official technicians."
)
NOISE = "[2026-01-01 00:00:00.000000] EDIAG [SERVER] x (b.cpp:1) [1][seekdb][Y0] [lt=8][errcode=-4109] submit fail"


class Library:
    """A fake of ``pylibseekdb``, whose engine is a socket that listens."""

    class SeekdbError(RuntimeError):
        pass

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.masks: list[set[Any]] = []
        self.fails: Callable[[str], None] | None = None
        self.listeners: list[socket.socket] = []
        self.folders: list[str] = []

    def open(self, folder: str) -> Any:
        self.masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        self.opened.append(folder)
        if self.fails:
            self.fails(folder)
        place = tempfile.mkdtemp(prefix="s")  # the path of a unix socket has at most 107 bytes
        self.folders.append(place)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{place}/s")
        listener.listen()
        self.listeners.append(listener)
        return SimpleNamespace(connection_options=lambda: {"unix_socket": f"{place}/s"}, close=lambda: None)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    stand_in = Library()
    monkeypatch.setitem(sys.modules, "pylibseekdb", stand_in)  # type: ignore[arg-type]
    monkeypatch.setattr(embedded.metadata, "version", lambda name: "1.4.0")
    monkeypatch.setattr(embedded, "_engines", {})
    monkeypatch.setattr(embedded, "_limited", set())
    monkeypatch.setattr(embedded, "_users", {})
    monkeypatch.setattr(embedded.engine_setup, "prepare", lambda folder, unix_socket, is_new: None)
    yield stand_in
    for listener in stand_in.listeners:
        listener.close()
    for folder in stand_in.folders:
        shutil.rmtree(folder)


def refused(options: EngineOptions) -> str:
    with pytest.raises(errors.EngineFailed) as raised:
        embedded.start(options)
    text = str(raised.value)
    assert not raised.value.retryable
    assert len(text) <= 300
    assert "\n" not in text
    return text


def test_an_engine_is_opened_once_for_a_folder(library: Library, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(tmp_path / "engine")

    first = embedded.start(EngineOptions(str(tmp_path / "engine")))

    assert embedded.start(EngineOptions(str(tmp_path / "engine"))) == first
    assert embedded.start(EngineOptions(str(tmp_path / "other"))) == first
    assert library.opened == [str(tmp_path / "engine")]
    assert (tmp_path / "engine" / embedded.VERSION_FILE).read_text() == "1.4.0"
    assert (tmp_path / "engine").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("name", "is_own"), [("e", True), ("e" * 90, False)])
def test_an_engine_is_reached_under_its_own_name_where_a_socket_may_have_it(
    library: Library, name: str, is_own: bool
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent).resolve() / name
        (folder / "run").mkdir(parents=True)
        (folder / "run" / "sql.sock").touch()

        endpoint = embedded.start(EngineOptions(str(folder)))

        library_s = f"{library.folders[0]}/s"
        assert endpoint.unix_socket == (str(folder / "run" / "sql.sock") if is_own else library_s)


def test_an_engine_of_another_version_that_runs_is_not_joined(library: Library) -> None:
    with tempfile.TemporaryDirectory(prefix="e") as place, socket.socket(socket.AF_UNIX) as listener:
        folder = Path(place).resolve()
        (folder / "run").mkdir()
        listener.bind(str(folder / "run" / "sql.sock"))
        listener.listen()
        (folder / embedded.VERSION_FILE).write_text("1.3.0\n")

        text = refused(EngineOptions(str(folder)))

        assert "path: engine 1.3.0 runs in " in text
        assert "this one is 1.4.0: end the other processes, or run dbt run-operation stop_engine with " in text
        assert (folder / embedded.VERSION_FILE).read_text() == "1.3.0\n"
        assert library.opened == []


def test_an_interrupt_cannot_reach_the_engine(library: Library, tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    embedded.start(EngineOptions(str(tmp_path)))

    assert signal.SIGINT in library.masks[0]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_mask_is_restored_after_a_failure(library: Library, tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    library.fails = _code_1

    refused(EngineOptions(str(tmp_path)))

    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def _code_1(folder: str) -> None:
    raise Library.SeekdbError("seekdb_open failed: code=-1")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pylibseekdb", None)
    monkeypatch.setattr(embedded, "_engines", {})

    assert "pip install pylibseekdb" in refused(EngineOptions(str(tmp_path)))


def test_a_library_that_does_not_load_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "pylibseekdb"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libaio.so.1: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pylibseekdb", raising=False)
    monkeypatch.setattr(embedded, "_engines", {})

    assert "cannot be loaded: libaio.so.1: cannot open" in refused(EngineOptions(str(tmp_path / "engine")))


def test_a_folder_of_another_version_names_both(library: Library, tmp_path: Path) -> None:
    (tmp_path / embedded.VERSION_FILE).write_text("1.3.0\n")
    library.fails = _code_1

    text = refused(EngineOptions(str(tmp_path)))

    assert "was written by engine 1.3.0 and this one is 1.4.0: install pylibseekdb==1.3.0" in text
    assert "seekdb-dump" in text
    assert "seekdb-restore" in text
    assert (tmp_path / embedded.VERSION_FILE).read_text() == "1.3.0\n"


def test_a_file_in_place_of_the_folder(library: Library, tmp_path: Path) -> None:
    (tmp_path / "engine").touch()

    assert "cannot be used: " in refused(EngineOptions(str(tmp_path / "engine")))


def test_a_folder_without_rights(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.fails = _code_1
    monkeypatch.setattr(os, "access", lambda *args: False)

    assert "did not start: this user may not read and write there; check" in refused(EngineOptions(str(tmp_path)))


@pytest.mark.parametrize("logged_before", ["", NOISE + "\n" + LAST + "\n"])
def test_the_cause_comes_from_the_log_of_this_start(library: Library, tmp_path: Path, logged_before: str) -> None:
    log = tmp_path / "log" / "seekdb.log"
    log.parent.mkdir()
    log.write_text(logged_before)
    first = FIRST.format('fail to start log pool(ret=-4624, ret="OB_MACHINE_RESOURCE_NOT_ENOUGH") BACKTRACE:0x64e6')

    def fail(folder: str) -> None:
        with log.open("a") as file:
            file.write("\n".join([NOISE, first, LAST, ""]))
        _code_1(folder)

    library.fails = fail

    text = refused(EngineOptions(str(tmp_path)))

    assert "fail to start log pool (-4624 OB_MACHINE_RESOURCE_NOT_ENOUGH); check the folder" in text


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        ([], None),
        (["no log line", NOISE.replace("EDIAG", "INFO ")], None),
        ([LAST], "observer instance start fail. (-4624)"),
        ([NOISE], "submit fail (-4109)"),
        ([NOISE, NOISE.replace("EDIAG", "ERROR")], "submit fail (-4109)"),
    ],
)
def test_what_a_log_tells(tmp_path: Path, lines: list[str], cause: str | None) -> None:
    log = tmp_path / "seekdb.log"
    log.write_text("\n".join(lines))

    assert engine_log.cause(log, 0) == cause


def test_a_log_that_was_turned_over_is_read_from_its_begin(tmp_path: Path) -> None:
    log = tmp_path / "seekdb.log"
    log.write_text(NOISE)

    assert engine_log.cause(log, 10_000) == "submit fail (-4109)"
    assert engine_log.cause(tmp_path / "none.log", 0) is None


def test_an_engine_that_died_is_opened_again(library: Library, tmp_path: Path) -> None:
    options = EngineOptions(str(tmp_path))
    first = embedded.start(options)
    library.listeners[0].close()

    embedded.forget_dead(options)

    assert not (embedded._limited & {options})
    assert embedded.start(options) != first
    assert len(library.opened) == 2


def test_an_engine_that_lives_is_kept(library: Library, tmp_path: Path) -> None:
    options = EngineOptions(str(tmp_path))
    first = embedded.start(options)

    embedded.forget_dead(options)

    assert embedded.start(options) == first
    assert len(library.opened) == 1


def test_limits_that_cannot_be_said_are_an_error_and_asked_again(library: Library, tmp_path: Path) -> None:
    options = EngineOptions(str(tmp_path), memory="2G")
    embedded.start(EngineOptions(str(tmp_path)))
    library.listeners[0].close()

    assert "cannot be used: " in refused(options)
    assert options not in embedded._limited


def test_an_engine_that_is_silent_holds_up_others_for_some_time_only(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded.engine_setup, "READ_TIMEOUT_SECONDS", 0.2)
    silent = EngineOptions(str(tmp_path / "silent"), memory="2G")

    assert "cannot be used: Lost connection to MySQL server during query (timed out)" in refused(silent)
    assert embedded.start(EngineOptions(str(tmp_path / "other"))).unix_socket


def test_an_engine_whose_queue_is_full_is_kept(library: Library, tmp_path: Path) -> None:
    options = EngineOptions(str(tmp_path))
    first = embedded.start(options)
    library.listeners[0].listen(0)
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(str(first.unix_socket))

        embedded.forget_dead(options)

    assert embedded.start(options) == first
    assert len(library.opened) == 1


def test_a_failure_in_a_folder_of_this_version_is_told(library: Library, tmp_path: Path) -> None:
    (tmp_path / embedded.VERSION_FILE).write_text("1.4.0\n")
    library.fails = _code_1

    assert "its log names no cause" in refused(EngineOptions(str(tmp_path)))


def with_data(folder: Path, *others: str) -> Path:
    """Make ``folder`` as an engine leaves it, but without its log, and with the files ``others``."""
    for name in ("etc", "run", "store", "wallet"):
        (folder / name).mkdir(parents=True)
    (folder / "store" / "data").write_text("rows")
    for other in others:
        (folder / other).write_text("1.4.0")
    return folder


def _fails_after_its_log(folder: str) -> None:
    log = Path(folder, "log", "seekdb.log")
    log.parent.mkdir(exist_ok=True)
    log.write_text("")
    _code_1(folder)


@pytest.mark.parametrize("others", [(), ("engine_ready", "engine_version"), ("engine_version", "engine_starting")])
def test_data_without_a_log_is_not_taken_for_a_new_folder(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: tuple[str, ...]
) -> None:
    options = EngineOptions(str(with_data(tmp_path / "engine", *others)))
    prepared: list[bool] = []
    monkeypatch.setattr(embedded.engine_setup, "prepare", lambda folder, socket, is_new: prepared.append(is_new))
    library.fails = _fails_after_its_log

    assert [("did not start: its log names no cause" in refused(options)) for _ in range(3)] == [True] * 3
    library.fails = None

    assert embedded.start(options).unix_socket
    assert prepared == [False]
    assert not (tmp_path / "engine" / "engine_starting").exists()


@pytest.mark.parametrize("with_others", [False, True])
def test_a_folder_without_data_is_new_and_its_first_start_is_not_tried_twice(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_others: bool
) -> None:
    prepared: list[bool] = []
    monkeypatch.setattr(embedded.engine_setup, "prepare", lambda folder, socket, is_new: prepared.append(is_new))
    if with_others:
        # the adapter makes the engine's folders, empty, in a folder that others may enter and that has other files
        (tmp_path / "engine").mkdir(mode=0o755)
        (tmp_path / "engine" / "notes.txt").touch()

    embedded.start(EngineOptions(str(tmp_path / "engine")))
    library.fails = _fails_after_its_log
    refused(EngineOptions(str(tmp_path / "second")))

    assert prepared == [True]
    assert "did not complete, so it has no data yet: remove" in refused(EngineOptions(str(tmp_path / "second")))


class Parameters:
    """A fake of a connection to a kernel that has these parameters, and may refuse a value."""

    def __init__(self, *names: str, refuses: bool = False) -> None:
        self.names, self.refuses = names, refuses
        self.description = [("Zone",), ("Name",)]
        self.set: list[tuple[str, Any]] = []
        self.shown: list[tuple[str, str]] = []

    def __enter__(self) -> Parameters:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def cursor(self) -> Parameters:
        return self

    def execute(self, statement: str, arguments: Any) -> None:
        if statement.startswith("show"):
            self.shown = [("zone1", name) for name in self.names if name in arguments[0]]
        elif self.refuses:
            raise pymysql.err.OperationalError(1210, "Incorrect arguments")
        else:
            self.set.append((statement, *arguments))

    def fetchall(self) -> list[tuple[str, str]]:
        return self.shown


def test_limits_go_by_the_names_that_the_kernel_has(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Parameters("memory_limit", "datafile_maxsize")
    monkeypatch.setattr(embedded.pymysql, "connect", lambda **arguments: kernel)

    embedded.start(EngineOptions(str(tmp_path), memory="2G", datafile_max="8G"))

    assert kernel.set == [
        ("alter system set memory_limit = %s", "2G"),
        ("alter system set datafile_maxsize = %s", "8G"),
    ]


@pytest.mark.parametrize(
    ("kernel", "text"),
    [
        (Parameters("memory_limit"), "engine: this kernel has no parameter log_disk_size: remove it from the profile"),
        (
            Parameters("log_disk_size", refuses=True),
            "engine: the kernel refuses log_disk_size = 2G (1210): Incorrect arguments; choose another size",
        ),
    ],
    ids=["unknown", "refused"],
)
def test_a_limit_that_the_kernel_does_not_take(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: Parameters, text: str
) -> None:
    monkeypatch.setattr(embedded.pymysql, "connect", lambda **arguments: kernel)

    assert refused(EngineOptions(str(tmp_path), log_disk="2G")) == text
