"""A forked child does not wait for locks that threads of its parent hold."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import multiprocessing, os, signal, threading
from types import SimpleNamespace
from dbt.adapters.oceanbase.catalog import server_info as server
from dbt.adapters.oceanbase.connect import ConnectOptions
from dbt.adapters.oceanbase.connect.opening import steps
from dbt.adapters.oceanbase.connect.options import LoginOptions
from dbt.adapters.oceanbase.credentials import OceanBaseCredentials
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

options = ConnectOptions(LoginOptions("dbt"))
profile = SimpleNamespace(
    credentials=OceanBaseCredentials(schema="shop", host="ob1", user="dbt"), threads=1, flags={}, log_cache_events=False
)
adapter = OceanBaseAdapter(profile, multiprocessing.get_context("spawn"))
adapter.list_relations_without_caching = lambda schema: []
forked = threading.Event()

class Session:
    def __init__(self, wait):
        self.wait = wait

    def run(self, sql):
        self.wait()
        return SimpleNamespace(fetchone=lambda: ("5.7.25-OceanBase-v4.3.5", "OceanBase 4.3.5", 1, 1000))

asked, found = threading.Event(), threading.Event()

def answers_late():
    asked.set()
    forked.wait()

def finds_late():
    found.set()
    forked.wait()
    return []

def relations_late(database, schema):
    held.set()
    forked.wait()
    return True

steps_of, is_cached, held = steps._entry_points, adapter._schema_is_cached, threading.Event()
steps._entry_points, adapter._schema_is_cached = finds_late, relations_late
work = (
    lambda: server.server_info(lambda: Session(answers_late), options),
    steps.steps,
    lambda: adapter.list_relations(None, "shop"),
)
threads = [threading.Thread(target=each) for each in work]
for thread in threads:
    thread.start()
for event in (asked, found, held):
    event.wait()
child = os.fork()
if not child:
    signal.alarm(300)
    steps._entry_points, adapter._schema_is_cached = steps_of, is_cached
    print(server.server_info(lambda: Session(lambda: None), options), flush=True)
    print(steps.steps(), flush=True)
    print(adapter.list_relations(None, "shop"), flush=True)
    os._exit(0)
status = os.waitpid(child, 0)[1]
forked.set()
for thread in threads:
    thread.join()
print("child ended with", status)
"""


def test_a_child_does_not_wait_for_locks_of_its_parent() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, timeout=900, check=False)

    assert done.stdout.splitlines() == ["OceanBase 4.3.5", "()", "[]", "child ended with 0"]
