"""Two hosts of their own, joined by a cable that can be pulled: network namespaces, where they are permitted."""

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
def permitted() -> str:
    """Say why network namespaces cannot be had here, in a few words; nothing when they can."""
    missing = [tool for tool in _TOOLS if _tool(tool) is None]
    if missing:
        return f"no {' and no '.join(missing)} on this machine"
    try:
        with Cable():
            return ""
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        return f"network namespaces are not permitted here: {said.strip()}"


def _tool(name: str) -> str | None:
    # a user's PATH often lacks the folder that ip is in
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


class Cable:
    """A host that clients run on (``NEAR``) and one with a proxy to the real server (``FAR``), on one machine.

    They share all but the network with it, so that a unix socket of a server there is reached from ``FAR``. No root is
    needed where users may have namespaces. ``run`` and ``prefix`` start programs on ``NEAR``. Gone with the ``with``.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Cable:
        with ExitStack() as stack:
            own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
            near = stack.enter_context(_Held([str(_tool("unshare")), *own_user, "--net"]))
            self.prefix = self._enter(near.pid, bool(own_user))
            far = stack.enter_context(_Held([*self.prefix, str(_tool("unshare")), "--net"]))
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
        """Lead a port of ``FAR`` to the unix socket ``upstream``; give its number."""
        command = [*self._far, sys.executable, "-m", "faults.tcp_proxy", FAR, str(upstream)]
        folder = str(Path(__file__).parents[1])
        return int(self._stack.enter_context(_Held(command, env={**os.environ, "PYTHONPATH": folder})).said)

    def pull(self) -> None:
        """Take the link down on the far side: what is sent from either side is lost without a word."""
        self._ip(self._far, "link set far down")

    def plug(self) -> None:
        """Bring the link up again."""
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
_SAYS_PID = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


class _Held:
    """A process that has printed one line and goes when its standard input is closed, also when the tests die."""

    def __init__(self, prefix: list[str], env: dict[str, str] | None = None) -> None:
        is_whole = env is not None
        self._command = prefix if is_whole else [*prefix, sys.executable, "-c", _SAYS_PID]
        self._env = env

    def __enter__(self) -> _Held:
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
        self.said = self._process.stdout.readline().strip()
        if not self.said:
            self.__exit__()
            raise OSError(self._errors)
        return self

    @property
    def pid(self) -> int:
        return int(self.said)

    def __exit__(self, *exc_info: object) -> None:
        try:
            _, self._errors = self._process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
