"""An OceanBase server that listens on TCP and that tests may kill and restart, unlike the engine that tests share."""

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
from support.outside import PATIENCE, Connection, until

from .tcp_proxy import free_port

PASSWORD = "s3cr3t-word"
STOP_SECONDS = 30

LOADED = """select 1 from oceanbase.DBA_OB_ROOTSERVICE_JOBS
where job_type = 'LOAD_MYSQL_SYS_PACKAGE' and job_status = 'SUCCESS'"""

SUPERVISOR = f"""
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
"""Python program that starts a server, and stops it when the standard input of the program is closed.

The input is also closed if the tests are killed.
"""


class Server:
    """An OceanBase server with its own folder and TCP port. The password of root is PASSWORD."""

    def __init__(self, kernel: str) -> None:
        self.folder = engines.new_folder()
        self.port = free_port()
        self._kernel = kernel
        self._package = engines.wheel(kernel) / "pylibseekdb"
        self._supervisor: subprocess.Popen[str] | None = None
        self._pid = 0
        self._has_password = self._is_loaded = False

    @property
    def place(self) -> str:
        """The address of the server, as error messages show it."""
        return f"127.0.0.1:{self.port}"

    @property
    def unix_socket(self) -> str:
        """The path of the server's unix socket."""
        return str(self.folder / "run" / "sql.sock")

    @property
    def profile(self) -> dict[str, Any]:
        """The profile fields to connect to the server as root."""
        return {"host": "127.0.0.1", "port": self.port, "user": "root", "password": PASSWORD}

    @property
    def is_running(self) -> bool:
        """Whether the server was started and not stopped or killed since then."""
        return self._supervisor is not None

    def start(self, *parameters: str) -> None:
        """Start the server and wait until a login by the unix socket succeeds. The first start sets root's password.

        ``parameters`` are server parameters such as ``memory_limit=1G``.
        """
        command = [
            *(str(self._package / "seekdb"), "--nodaemon"),
            *("--base-dir", str(self.folder), "--port", str(self.port)),
        ]
        for parameter in ("memory_limit=1G", "syslog_level=ERROR", *parameters):
            command += ["--parameter", parameter]
        libraries = os.pathsep.join([str(self._package), str(self._package.parent / "pylibseekdb.libs")])
        self._supervisor = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *command],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
        )
        assert self._supervisor.stdout is not None
        self._pid = int(self._supervisor.stdout.readline())
        with contextlib.closing(until(self.login, engines.START_SECONDS)) as root, root.cursor() as cursor:
            if not self._has_password:
                cursor.execute("alter user root identified by %s", (PASSWORD,))
                engines.set_up(cursor, self._kernel)
                self._has_password = True

    def login(self) -> pymysql.Connection | None:
        """Return a new connection of root by the unix socket, or None if the login fails."""
        password = PASSWORD if self._has_password else ""
        connection = Connection(user="root", password=password, autocommit=None, ssl_disabled=True, defer_connect=True)
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(self.unix_socket)
            connection.connect(link)
        except (OSError, pymysql.MySQLError):
            # the driver does not close the socket if the login fails
            link.close()
            return None
        return connection

    def kill(self) -> None:
        """Kill the server by SIGKILL. The operating system closes its connections and refuses new ones."""
        self._await_load()
        os.kill(self._pid, signal.SIGKILL)
        self.stop()

    def _await_load(self) -> None:
        """Wait until a new server has loaded its system packages. If it is killed before, it may do no DDL any more."""
        if not self._is_loaded:
            with contextlib.closing(until(self.login)) as root, root.cursor() as cursor:
                until(lambda: cursor.execute(LOADED))
            self._is_loaded = True

    def restart(self, *parameters: str) -> None:
        """Kill the server and start it again on the same port, with these server ``parameters``."""
        self.kill()
        self.start(*parameters)

    def stop(self) -> None:
        """Stop the server by SIGTERM. Do nothing if it is not running."""
        if self._supervisor is not None:
            self._supervisor.communicate(timeout=STOP_SECONDS + PATIENCE)
            self._supervisor = None

    def remove(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
