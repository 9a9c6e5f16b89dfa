"""Passwords from the profile and from a command, which runs once, and again when the server refuses its output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect.errors import PasswordCommandFailed
from dbt.adapters.oceanbase.connect.opening import password
from dbt.adapters.oceanbase.connect.opening.password import PasswordSource
from dbt.adapters.oceanbase.connect.options import LoginOptions

ROOT = Path(__file__).parents[4]
SECRET = "s3cr3t-word"
LONG = "600"
"""A time limit in seconds that no test here reaches."""


def source(*command: str, fixed: str = "") -> PasswordSource:
    return PasswordSource(LoginOptions("dbt", "analytics", password=fixed, password_command=command))


def shell(script: str, *arguments: str) -> PasswordSource:
    return source("/bin/sh", "-c", script, "sh", *arguments)


def is_gone(pid_file: Path) -> bool:
    """Check whether the process that wrote its id has ended. A zombie process has."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "\nState:\tZ" in Path(f"/proc/{int(pid_file.read_text())}/status").read_text()
    return True


def written(file: Path) -> bool:
    return file.exists() and file.read_text().endswith("\n")


class Counted:
    """A command that prints the content of a file, and writes a line for each run."""

    def __init__(self, folder: Path, *, before: str = "") -> None:
        self.value, self.log = folder / "value", folder / "runs"
        script = f'echo run >> "$2"; {before} cat "$1"'
        self.source = shell(script, str(self.value), str(self.log))
        self.value.write_text("first\n")

    @property
    def runs(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    return Counted(tmp_path)


def together(calls: list[Callable[[], object]], ready: Callable[[], None]) -> list[object]:
    """Make all calls in threads and return each result or error. ``ready`` is called when all threads
    but the first wait."""
    results: list[object] = [None] * len(calls)

    def call(number: int) -> None:
        try:
            results[number] = calls[number]()
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(calls))]
    threads[0].start()
    until(lambda: is_within(threads[0], "_run"))
    for thread in threads[1:]:
        thread.start()
    until(lambda: all(is_within(thread, "password", "renewed") for thread in threads[1:]))
    ready()
    for thread in threads:
        thread.join(PATIENCE)
    return results


def is_within(thread: threading.Thread, *functions: str) -> bool:
    """Check whether a thread is in one of these functions and has read the number of runs."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name in functions and "before" in frame.f_locals:
            return True
        frame = frame.f_back
    return False


def test_the_password_of_the_profile(tmp_path: Path) -> None:
    fixed = source(fixed=SECRET)

    assert fixed.get() == SECRET
    assert fixed.renew(SECRET) is False


def test_the_command_runs_once_for_all_sources_of_a_login(counted: Counted) -> None:
    login = counted.source._login

    assert [PasswordSource(login).get() for _ in range(3)] == ["first"] * 3
    assert counted.runs == 1


def test_another_login_has_a_password_of_its_own(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'echo run >> "$1"; wc -l < "$1" | tr -d " "', "sh", str(tmp_path / "runs"))

    found = [PasswordSource(LoginOptions(user, password_command=command)).get() for user in ("a", "b", "a")]

    assert found == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("word", "word"),
        ("word\n", "word"),
        ("word\r\n", "word"),
        ("word\n\n", "word\n"),
        ("word\r", "word\r"),
        (" two words \n", " two words "),
        ("\nword\n", "\nword"),
        ("pässwörd-密码-🔑\n", "pässwörd-密码-🔑"),
    ],
)
def test_only_the_final_newline_is_cut_off(printed: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(printed.encode())

    assert source("/bin/cat", str(tmp_path / "value")).get() == expected


def test_no_shell_reads_the_arguments() -> None:
    arguments = "$HOME `id` $(id) * ; exit 3 # 'x\" \\"

    assert source("/usr/bin/printf", "%s", arguments).get() == arguments


def test_a_program_is_found_on_the_path() -> None:
    assert source("printf", "%s", "found").get() == "found"


def test_the_command_has_no_input_and_no_terminal() -> None:
    asks = "import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())"
    body = f"print(PasswordSource(LoginOptions('dbt', password_command=(sys.executable, '-c', {asks!r}))).get({LONG}))"
    process = script(body, stdin=subprocess.PIPE)

    printed, said = process.communicate("typed by the user\n", timeout=PATIENCE)

    assert printed == "'' True\n", said


FAILURES = {
    "exit code": ('echo out; echo "$1" >&2; exit 3', "ended with exit code 3"),
    "signal": ("kill -9 $$", "was ended by signal 9"),
    "nothing": ("true", "printed nothing"),
    "newline": ("echo", "printed nothing"),
    "not UTF-8": (r"printf '\377\376'; echo \"$1\"", "printed what is not UTF-8"),
}


@pytest.mark.parametrize(("script", "what"), FAILURES.values(), ids=FAILURES)
def test_a_command_without_a_password_is_named(script: str, what: str) -> None:
    check(shell(f"{script} ", SECRET), "/bin/sh", what)


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("/no/such/program", "cannot be started (No such file or directory)"),
        ("no-such-program-on-the-path", "cannot be started (No such file or directory)"),
        ("/etc/passwd", "cannot be started (Permission denied)"),
        ("a\0b", "cannot be started (not a program)"),
    ],
)
def test_a_command_that_does_not_start_is_named(program: str, what: str) -> None:
    check(source(program, SECRET), program, what)


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        (f"curl -sH X-Vault-Token:{SECRET} https://vault/v1/creds", "curl"),
        (f"\tcurl\n-u {SECRET}", "curl"),
        (f"VAULT_TOKEN={SECRET} vault read", "VAULT_TOKEN"),
        (f"VAULT_TOKEN={SECRET}", "VAULT_TOKEN"),
    ],
)
def test_a_command_line_in_place_of_the_program_is_not_shown(first: str, shown: str) -> None:
    text = check(source(first, "x"), shown, "cannot be started (No such file or directory)")

    assert text.endswith("correct the command, with each word as an item of its own")


def test_a_program_is_named_in_full_if_it_exists(tmp_path: Path) -> None:
    program = tmp_path / "get = token"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)

    with pytest.raises(PasswordCommandFailed, match="get = token ended with exit code 3"):
        source(str(program)).get()


def check(command: PasswordSource, program: str, what: str, seconds: float = PATIENCE) -> str:
    with pytest.raises(PasswordCommandFailed) as caught:
        command.get(seconds)
    text = str(caught.value)
    assert text.startswith(f"password_command: {program} {what}: ")
    assert text.isprintable() or "\0" in program
    assert len(text) <= 300
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "out\n" not in shown
    assert not caught.value.retryable
    return text


def test_a_long_name_leaves_room_for_the_reason() -> None:
    with pytest.raises(PasswordCommandFailed) as caught:
        source("/x" * 500).get()

    text = str(caught.value)
    assert len(text) <= 300
    assert "cannot be started (" in text
    assert text.endswith("correct the command")


@pytest.mark.parametrize(
    ("command", "seconds"),
    [
        (("/bin/sh", "-c", f"sleep {LONG}", SECRET), 0.1),
        (("/bin/sh", "-c", r"printf '\377'", SECRET), PATIENCE),
        (("/no/such/program", SECRET), PATIENCE),
    ],
    ids=["time", "not UTF-8", "not found"],
)
def test_what_a_failure_comes_from_is_not_shown(command: tuple[str, ...], seconds: float) -> None:
    with pytest.raises(PasswordCommandFailed) as caught:
        password.run(command, seconds)

    shown = "".join(traceback.format_exception(caught.value))
    assert "direct cause" not in shown
    assert "During handling" not in shown
    assert SECRET not in shown


def test_its_error_output_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert shell('echo "$1" >&2; echo word', SECRET).get() == "word"

    assert SECRET not in "".join(capfd.readouterr())


def test_its_own_text_shows_neither_password_nor_arguments() -> None:
    found = shell("echo word", SECRET), source(fixed=SECRET)

    assert [repr(each) for each in found] == [
        "<PasswordSource password_command of dbt@analytics>",
        "<PasswordSource password of dbt@analytics>",
    ]


@pytest.fixture
def time_begins(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], bool]], None]:
    """Return a function that has the time limit of a command begin only when a condition is true."""
    start = password._started

    def begins(condition: Callable[[], bool]) -> None:
        def started(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
            process = start(argv)
            until(condition)
            return process

        monkeypatch.setattr(password, "_started", started)

    return begins


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path, time_begins: Callable[..., None]) -> None:
    parent, child = tmp_path / "parent", tmp_path / "child"
    time_begins(lambda: written(parent) and written(child))
    script = f'echo $$ > "$2"; sh -c \'echo $$ > "$1"; sleep {LONG}\' sh "$3" & wait'

    check(shell(script, SECRET, str(parent), str(child)), "/bin/sh", "did not end within 0.5 s", 0.5)

    until(lambda: is_gone(parent) and is_gone(child))


def test_a_child_that_keeps_the_output_open_is_not_waited_for(tmp_path: Path, time_begins: Callable[..., None]) -> None:
    child = tmp_path / "child"
    time_begins(lambda: written(child))
    script = f'sh -c \'echo $$ > "$1"; sleep {LONG}\' sh "$1" & echo word; while ! [ -s "$1" ]; do sleep 0.01; done'

    check(shell(script, str(child)), "/bin/sh", "did not end within 0.5 s", 0.5)

    until(lambda: is_gone(child))


def test_a_command_that_cannot_be_killed_is_left_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kill fails as for a command that runs as another user (``sudo``)."""
    pid, killpg = tmp_path / "pid", os.killpg

    def refused(group: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", refused)
    try:
        check(shell(f'echo $$ > "$1"; exec sleep {LONG}', str(pid)), "/bin/sh", "did not end within 1 s", 1)
    finally:
        until(lambda: written(pid))
        killpg(int(pid.read_text()), signal.SIGKILL)


def test_a_refused_password_is_asked_for_again(counted: Counted) -> None:
    assert counted.source.get() == "first"
    counted.value.write_text("second\n")

    assert counted.source.renew("first") is True
    assert counted.source.get() == "second"
    assert counted.runs == 2


def test_the_same_password_again_is_no_other(counted: Counted) -> None:
    assert counted.source.get() == "first"

    assert counted.source.renew("first") is False
    assert counted.runs == 2


def test_a_password_that_was_renewed_since_is_not_asked_for_again(counted: Counted) -> None:
    counted.source.get()
    counted.value.write_text("second\n")

    assert [counted.source.renew("first") for _ in range(5)] == [True] * 5
    assert counted.runs == 2


def test_a_renewal_without_a_first_run_runs_the_command(counted: Counted) -> None:
    assert counted.source.renew("from elsewhere") is True
    assert counted.source.get() == "first"
    assert counted.runs == 1


def test_a_renewal_that_fails_keeps_the_old_password(counted: Counted) -> None:
    counted.source.get()
    counted.value.unlink()

    with pytest.raises(PasswordCommandFailed, match="ended with exit code 1"):
        counted.source.renew("first")

    assert counted.source.get() == "first"
    assert counted.runs == 2


def test_a_command_that_failed_is_run_again_by_the_next_call(counted: Counted) -> None:
    counted.value.unlink()
    with pytest.raises(PasswordCommandFailed):
        counted.source.get()
    counted.value.write_text("first\n")

    assert counted.source.get() == "first"
    assert counted.runs == 2


WAITS = 'while ! [ -e "$1.go" ]; do sleep 0.01; done;'


@pytest.fixture
def waiting(tmp_path: Path) -> Counted:
    """A command that does not end before a file exists."""
    return Counted(tmp_path, before=WAITS)


def release(command: Counted) -> None:
    command.value.with_suffix(".go").touch()


def test_threads_share_one_run(waiting: Counted) -> None:
    found = together([waiting.source.get] * 8, lambda: release(waiting))

    assert found == ["first"] * 8
    assert waiting.runs == 1


def test_threads_share_a_run_that_failed(waiting: Counted) -> None:
    waiting.value.unlink()

    found = together([waiting.source.get] * 8, lambda: release(waiting))

    assert {str(each) for each in found} == {
        "password_command: /bin/sh ended with exit code 1: run it by hand to see why"
    }
    assert all(isinstance(each, PasswordCommandFailed) for each in found)
    assert waiting.runs == 1


@pytest.mark.parametrize(("value", "is_other"), [("second\n", True), ("first\n", False)])
def test_threads_share_a_renewal(waiting: Counted, value: str, is_other: bool) -> None:
    go = waiting.value.with_suffix(".go")
    go.touch()
    waiting.source.get()
    go.unlink()
    waiting.value.write_text(value)

    found = together([lambda: waiting.source.renew("first")] * 8, lambda: release(waiting))

    assert found == [is_other] * 8
    assert waiting.runs == 2


def test_an_interrupted_run_is_no_password_for_those_who_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def interrupted(argv: tuple[str, ...], seconds: float) -> str:
        told.wait(PATIENCE)
        raise KeyboardInterrupt

    monkeypatch.setattr(password, "run", interrupted)

    first, second = together([source("token", "interrupted").get] * 2, told.set)

    assert isinstance(first, KeyboardInterrupt)
    assert str(second) == "password_command: token was interrupted: run it again"


def test_a_cancelled_run_ends_its_command_and_wakes_who_waits(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    command = shell(f'echo $$ > "$1"; exec sleep {LONG}', str(pid))

    def cancel() -> None:
        until(lambda: written(pid))
        password.end_commands()

    found = together([command.get] * 2, cancel)

    assert {str(each) for each in found} == {
        "password_command: /bin/sh was ended by signal 9: run it by hand to see why"
    }
    assert is_gone(pid)


def test_a_command_that_has_just_started_is_ended_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen
    cancels: list[threading.Thread] = []

    def started(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        process = start(*arguments, **named)
        cancels.append(threading.Thread(target=password.end_commands))
        cancels[0].start()
        cancels[0].join(0.2)  # long enough to fail if the cancel did not wait for the command
        return process

    monkeypatch.setattr(subprocess, "Popen", started)

    with pytest.raises(PasswordCommandFailed, match="was ended by signal 9"):
        shell(f"exec sleep {LONG}").get()
    cancels[0].join()


def test_a_command_that_has_ended_is_not_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process id may belong to another process by then."""
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    monkeypatch.setattr(password, "_running", {ended})
    monkeypatch.setattr(os, "killpg", lambda *arguments: pytest.fail("killed"))

    password.end_commands()


def script(body: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
    """Run ``body`` in Python, with a source whose command writes its process id and hangs."""
    head = f"""
import os, sys, threading, time
from dbt.adapters.oceanbase.connect.options import LoginOptions
from dbt.adapters.oceanbase.connect.opening.password import PasswordSource
command = ("/bin/sh", "-c", 'echo $$ > "$1"; exec sleep {LONG}', "sh", *sys.argv[1:])
source = PasswordSource(LoginOptions("dbt", password_command=command))

def has_started():
    return os.path.exists(sys.argv[1]) and open(sys.argv[1]).read().endswith("\\n")
"""
    return subprocess.Popen(
        [sys.executable, "-c", head + body, *arguments],
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a test runner may ignore SIGINT for its children, and Python would inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.mark.parametrize(
    "body",
    [
        f"source.get({LONG})",
        f"threading.Thread(target=source.get, args=({LONG},), daemon=True).start(); time.sleep({LONG})",
        f"""
import signal, subprocess
class Interrupting(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        while not has_started():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)
subprocess.Popen = Interrupting
source.get({LONG})
""",
    ],
    ids=["main thread", "other thread", "while it starts"],
)
def test_ctrl_c_leaves_no_command_behind(body: str, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    process = script(body, str(pid))
    try:
        until(lambda: written(pid) or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert "KeyboardInterrupt" in said
    until(lambda: is_gone(pid))


def test_a_forked_process_begins_with_no_command_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Lock()
    held.acquire()
    monkeypatch.setattr(password, "_running", {subprocess.Popen(["/bin/true"])})
    monkeypatch.setattr(password, "_start_lock", held)

    password.reset_after_fork()

    assert not password._running
    password.end_commands()  # waits for no lock


def test_a_forked_process_that_ends_leaves_the_command_of_its_parent(tmp_path: Path) -> None:
    body = f"""
threading.Thread(target=source.get, args=({LONG},), daemon=True).start()
while not has_started():
    time.sleep(0.01)
if not os.fork():
    sys.exit()
os.wait()
pid = int(open(sys.argv[1]).read())
print("goes on" if not os.kill(pid, 0) and " Z " not in open(f"/proc/{{pid}}/stat").read() else "was ended")
"""
    process = script(body, str(tmp_path / "pid"))
    try:
        printed, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert printed == "goes on\n", said


def test_a_forked_process_does_not_wait_for_a_run_of_its_parent(tmp_path: Path) -> None:
    body = f"""
command = ("/bin/sh", "-c", 'if mkdir "$1.first"; then echo $$ > "$1"; exec sleep {LONG}; else echo word; fi',
           "sh", sys.argv[1])
source = PasswordSource(LoginOptions("dbt", password_command=command))
threading.Thread(target=source.get, args=({LONG},), daemon=True).start()
while not has_started():
    time.sleep(0.01)
child = os.fork()
if not child:
    os._exit(0 if source.get({LONG}) == "word" else 1)
print("child ended with", os.waitpid(child, 0)[1])
"""
    process = script(body, str(tmp_path / "pid"))
    try:
        printed, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()

    assert printed == "child ended with 0\n", said
    until(lambda: is_gone(tmp_path / "pid"))
