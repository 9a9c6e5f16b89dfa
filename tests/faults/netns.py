"""Two network namespaces that act as two hosts, and a network link between them that can be disconnected.

Not every machine permits network namespaces (see ``unavailable_reason``).
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
    # the folder of the command ip is often missing in a user's PATH
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


class Cable:
    """Two hosts on this machine with a network link between them. ``NEAR`` and ``FAR`` are their addresses.

    Clients run on the near host, and a proxy to the real server runs on the far host. The hosts have separate networks
    but share the file system, so the proxy can reach the unix socket of a server on this machine. To run a command on
    the near host, put ``prefix`` before it. The user need not be root if the machine permits users to create
    namespaces. The hosts are removed at the end of the ``with`` block.
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
        """Start a proxy on the far host that forwards to the unix socket ``upstream``, and return its port."""
        command = [*self._far, sys.executable, "-m", "faults.tcp_proxy", FAR, str(upstream)]
        folder = str(Path(__file__).parents[1])
        return int(
            self._stack.enter_context(_ChildProcess(command, env={**os.environ, "PYTHONPATH": folder})).first_line
        )

    def pull(self) -> None:
        """Disconnect the network link at the far host. Packets in both directions are lost without an error."""
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


_END_SECONDS = 300
_PRINT_PID = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


class _ChildProcess:
    """A child process that prints one line, ``first_line``, and ends when its standard input is closed.

    The input is also closed if the tests are killed, so the process does not outlive them.
    """

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
