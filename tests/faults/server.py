"""An OceanBase kernel that listens on TCP and may be killed and started again: another process than the suite's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from typing import Any

import pymysql
from support import engines
from support.outside import until

from .tcp_proxy import free_port

PASSWORD = "s3cr3t-word"
STOP_SECONDS = 30

KEEPER = f"""
import subprocess, sys
with open("console.log", "ab") as console:
    server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=console, stderr=console)
print(server.pid, flush=True)
sys.stdin.read()
server.terminate()
try:
    server.wait({STOP_SECONDS})
except subprocess.TimeoutExpired:
    server.kill()
    server.wait()
"""
"""Holds a server and ends it when the tests have gone, however they went."""


class Server:
    """An OceanBase kernel in a folder of its own, on a TCP port, with a password for root."""

    def __init__(self, kernel: str) -> None:
        self.folder = engines.new_folder()
        self.port = free_port()
        self._kernel = kernel
        self._package = engines.wheel(kernel) / "pylibseekdb"
        self._keeper: subprocess.Popen[str] | None = None
        self._pid = 0
        self._has_password = False

    @property
    def place(self) -> str:
        """Where it listens, as errors name it."""
        return f"127.0.0.1:{self.port}"

    @property
    def unix_socket(self) -> str:
        """The file of its unix socket."""
        return str(self.folder / "run" / "sql.sock")

    @property
    def profile(self) -> dict[str, Any]:
        """Profile fields that lead here as root."""
        return {"host": "127.0.0.1", "port": self.port, "user": "root", "password": PASSWORD}

    @property
    def is_running(self) -> bool:
        """Tell whether it was started and not ended."""
        return self._keeper is not None

    def start(self, *parameters: str) -> None:
        """Start the kernel and wait for a login by the unix socket; the first time root gets its password."""
        command = [
            *(str(self._package / "seekdb"), "--nodaemon"),
            *("--base-dir", str(self.folder), "--port", str(self.port)),
        ]
        for parameter in ("memory_limit=1G", "syslog_level=ERROR", *parameters):
            command += ["--parameter", parameter]
        libraries = os.pathsep.join([str(self._package), str(self._package.parent / "pylibseekdb.libs")])
        self._keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER, *command],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
        )
        assert self._keeper.stdout is not None
        self._pid = int(self._keeper.stdout.readline())
        with contextlib.closing(until(self.login, engines.START_SECONDS)) as root, root.cursor() as cursor:
            if not self._has_password:
                cursor.execute("alter user root identified by %s", (PASSWORD,))
                engines.set_up(cursor, self._kernel)
                self._has_password = True

    def login(self) -> pymysql.Connection | None:
        """Open a connection as root by the unix socket; None when there is none to be had now."""
        password = PASSWORD if self._has_password else ""
        connection = pymysql.connections.Connection(
            user="root", password=password, autocommit=None, ssl_disabled=True, defer_connect=True
        )
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(self.unix_socket)
            connection.connect(link)
        except (OSError, pymysql.MySQLError):
            # the driver leaves one that did not connect to the garbage collector
            link.close()
            return None
        return connection

    def kill(self) -> None:
        """End the server without a word, by SIGKILL. Links that are open are cut by its system, new ones refused."""
        os.kill(self._pid, signal.SIGKILL)
        self.stop()

    def restart(self, *parameters: str) -> None:
        """Kill the server and start it again on the same port."""
        self.kill()
        self.start(*parameters)

    def stop(self) -> None:
        """End the server as an operator does; nothing when it is not running."""
        if self._keeper is not None:
            self._keeper.communicate(timeout=2 * STOP_SECONDS)
            self._keeper = None

    def remove(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
