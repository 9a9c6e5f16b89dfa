"""Two network namespaces that act as hosts, and a cable between them that can be unplugged.

Not every machine permits network namespaces.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from .tcp_proxy import Place

NEAR, FAR = "10.213.0.1", "10.213.0.2"
_TOOLS = ("ip", "unshare", "nsenter")


@cache
def unavailable_reason() -> str:
    """Return why network namespaces cannot be used on this machine, or an empty text if they can."""
    missing = [tool for tool in _TOOLS if _tool(tool) is None]
    if missing:
        return f"no {' and no '.join(missing)} on this machine"
    try:
        with Cable():
            return ""
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        return f"network namespaces are not permitted here: {reason.strip()}"


def _tool(name: str) -> str | None:
    # a user's PATH often lacks the folder of ip
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


class Cable:
    """Two hosts on this machine, joined by a cable: clients run on ``NEAR``, a proxy to the real server on ``FAR``.

    Only the network of the hosts is separate, so ``FAR`` can reach the unix socket of a server on this machine. Root is
    not needed where users may create namespaces. A command that begins with ``prefix`` runs on ``NEAR``. The end of the
    ``with`` block removes the hosts.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Cable:
        with ExitStack() as stack:
            own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
            near = stack.enter_context(_ChildProcess([str(_tool("unshare")), *own_user, "--net"]))
            self.prefix = self._enter(near.pid, bool(own_user))
            far = stack.enter_context(_ChildProcess([*self.prefix, str(_tool("unshare")), "--net"]))
            self._far = self._enter(far.pid, bool(own_user))
            self._ip(self.prefix, f"link add near type veth peer name far netns {far.pid}")
            for prefix, name, address in ((self.prefix, "near", NEAR), (self._far, "far", FAR)):
                self._ip(prefix, f"address add {address}/24 dev {name}")
                self._ip(prefix, f"link set {name} up")
                self._ip(prefix, "link set lo up")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def serve(self, upstream: Place) -> int:
        """Forward a port of ``FAR`` to the unix socket ``upstream``, and return the number of the port."""
        command = [*self._far, sys.executable, "-m", "faults.tcp_proxy", FAR, str(upstream)]
        folder = str(Path(__file__).parents[1])
        return int(
            self._stack.enter_context(_ChildProcess(command, env={**os.environ, "PYTHONPATH": folder})).first_line
        )

    def pull(self) -> None:
        """Disconnect the network link at ``FAR``: packets from both sides are lost, without an error."""
        self._ip(self._far, "link set far down")

    def plug(self) -> None:
        """Connect the network link again."""
        self._ip(self._far, "link set far up")

    @staticmethod
    def _enter(pid: int, own_user: bool) -> list[str]:
        user = ["--user", "--preserve-credentials"] if own_user else []
        return [str(_tool("nsenter")), "--target", str(pid), *user, "--net", "--"]

    @staticmethod
    def _ip(prefix: list[str], arguments: str) -> None:
        command = [*prefix, str(_tool("ip")), *arguments.split()]
        subprocess.run(command, check=True, capture_output=True, text=True)


_END_SECONDS = 60
_PRINT_PID = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


class _ChildProcess:
    """A process that has printed one line, and ends when its standard input is closed, also if the tests are killed."""

    def __init__(self, prefix: list[str], env: dict[str, str] | None = None) -> None:
        has_full_command = env is not None
        self._command = prefix if has_full_command else [*prefix, sys.executable, "-c", _PRINT_PID]
        self._env = env

    def __enter__(self) -> _ChildProcess:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.first_line = self._process.stdout.readline().strip()
        if not self.first_line:
            self.__exit__()
            raise OSError(self._errors)
        return self

    @property
    def pid(self) -> int:
        return int(self.first_line)

    def __exit__(self, *exc_info: object) -> None:
        try:
            _, self._errors = self._process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
