"""Opens sessions for one set of options: rounds over the hosts, and what they share while opening."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..engine import embedded
from ..errors import ConnectError, HostUnreachable, ServerBusy, SessionCancelled, one_line
from ..options import ConnectOptions, Endpoint, EngineOptions
from ..session.session import Session
from ..ssh.bastion import Bastion
from . import attempt as attempts
from . import discovery, retry, steps
from .attempt import Attempt, Event, ignore_event
from .hosts import HostList
from .password import PasswordSource

ACCESS_DENIED = 1045

_ALL, _EACH = 250, 60  # characters of all hosts' reasons, and of each where they are many


class Connector:
    """Opens sessions for one set of options. Safe to share between threads; holds no session itself."""

    def __init__(self, options: ConnectOptions, sleep: Callable[[float], Any] | None = None) -> None:
        self.options = options
        self.hosts = HostList(options.endpoints, options.host_strategy)
        self._passwords = PasswordSource(options.login)
        self._bastion = Bastion(options.ssh) if options.ssh else None
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts_are_old = options.discover
        self._caution: str | None = None
        self._has_cautioned = False

    def __repr__(self) -> str:
        return f"<Connector to {self.options.engine or self.hosts}>"

    def connect(
        self,
        on_event: Event = ignore_event,
        cancelled: threading.Event | None = None,
        *,
        waits_when_full: Callable[[], bool] = retry.always,
    ) -> Session:
        """Open a session on the first host that gives one, in as many rounds as the options allow.

        A server that is full ends them where ``waits_when_full``, asked each time, says no. ``cancelled`` ends the
        waiting between rounds when it is set, and no host is asked any more. Raises the last ConnectError, whose text
        lists each host with its reason where several failed, or SessionCancelled.
        """
        sleep = self._sleep or (cancelled.wait if cancelled else time.sleep)
        until = time.monotonic() + self.options.retry.deadline
        policy = retry.policy(self.options.retry, sleep, cancelled, waits_when_full=waits_when_full)
        return policy(self._round, on_event, until, cancelled)

    def connect_once(self, on_event: Event = ignore_event) -> Session:
        """Open a session in one round, without waiting for what may come back. Raises ConnectError."""
        return self._round(on_event, time.monotonic() + self.options.retry.deadline)

    def open_side(self, endpoint: Endpoint, seconds: float, on_event: Event = ignore_event) -> Session:
        """Open a session without a schema on this very ``endpoint`` within ``seconds``. Raises ConnectError."""
        bare = replace(self.options, session=replace(self.options.session, schema=None))
        return self._attempt(endpoint, seconds, on_event, bare)

    def take_caution(self) -> str | None:
        """Give, once, what is to be said of a link that is not protected; None before and after."""
        with self._lock:
            text, self._caution = self._caution, None
            return text

    def close(self) -> None:
        """Let go of what sessions share on their way: the bastion's link. The next session opens it again."""
        if self._bastion is not None:
            self._bastion.close()

    def _round(self, on_event: Event, until: float, cancelled: threading.Event | None = None) -> Session:
        _check(cancelled)
        if self.options.engine is not None:
            # its start takes what it takes, and is not what the deadline is for
            return self._on_engine(self.options.engine, on_event)
        failures: dict[Endpoint, ConnectError] = {}
        order = self._order()
        for endpoint in order:
            _check(cancelled)
            left = until - time.monotonic()
            if failures and left <= 0:
                break
            seconds = min(self.options.retry.connect_timeout, max(left, 0.001))
            try:
                session = self._attempt(endpoint, seconds, on_event, self.options)
            except ConnectError as error:
                failures[endpoint] = error
                if not error.elsewhere:
                    break
                self._put_aside(endpoint, error, on_event)
            else:
                self.hosts.succeeded(endpoint)
                self._discover(session, on_event)
                return session
        raise _all_failed(failures, [endpoint for endpoint in order if endpoint not in failures])

    def _order(self) -> tuple[Endpoint, ...]:
        """Give all hosts: the best first, those put aside after them, since one of them may be back."""
        # the servers named in the profile know of others when all that were discovered are gone
        return tuple(dict.fromkeys((*self.hosts.candidates(), *self.hosts.endpoints, *self.options.endpoints)))

    @property
    def _discovers(self) -> bool:
        return self.options.discover

    def _put_aside(self, endpoint: Endpoint, error: ConnectError, on_event: Event) -> None:
        self._hosts_are_old = self._discovers
        # a server that is only full is the right one again as soon as others have finished
        is_alone = len(self.options.endpoints) == 1 and not self._discovers
        if not is_alone and not isinstance(error, ServerBusy):
            on_event(f"{endpoint} is put aside for {self.hosts.failed(endpoint):g} s ({error.code})")

    def _on_engine(self, engine: EngineOptions, on_event: Event) -> Session:
        endpoint = embedded.start(engine)
        try:
            return self._attempt(endpoint, self.options.retry.connect_timeout, on_event, self.options)
        except HostUnreachable:
            embedded.forget_dead(engine)
            raise

    def _attempt(self, endpoint: Endpoint, seconds: float, on_event: Event, options: ConnectOptions) -> Session:
        attempt = self._new_attempt(endpoint, seconds, options)
        try:
            return self._run(attempt, on_event)
        except ConnectError as error:
            if error.code != ACCESS_DENIED or attempt.request.login.password != attempt.kept_password:
                raise
            if not self._passwords.renew(attempt.kept_password):
                raise
            on_event(f"{endpoint} refused the password: password_command gave another one")
        return self._run(self._new_attempt(endpoint, seconds, options), on_event)

    def _new_attempt(self, endpoint: Endpoint, seconds: float, options: ConnectOptions) -> Attempt:
        request = steps.ConnectRequest(endpoint, options.login, options.tls)
        return Attempt(request, options, seconds, self._passwords, self._bastion, steps.steps())

    def _run(self, attempt: Attempt, on_event: Event) -> Session:
        started = time.monotonic()
        try:
            session = attempts.run(attempt)
        except ConnectError as error:
            place = attempt.request.endpoint
            on_event(f"connect to {place} failed after {time.monotonic() - started:.3f} s ({error.code}): {error}")
            steps.tell(attempt.steps, "connect_failed", on_event, place, error)
            raise
        seconds = time.monotonic() - started
        on_event(f"connected to {session.endpoint} as session {session.id} in {seconds:.3f} s")
        steps.tell(attempt.steps, "connected", on_event, session.endpoint, session.id)
        self._note_caution(session)
        return session

    def _note_caution(self, session: Session) -> None:
        with self._lock:
            if not self._has_cautioned and (text := attempts.caution(session)):
                self._caution, self._has_cautioned = text, True

    def _discover(self, session: Session, on_event: Event) -> None:
        if not self._discovers:
            return
        with self._lock:
            is_due, self._hosts_are_old = self._hosts_are_old, False
        if not is_due:
            return
        try:
            found = discovery.access_points(session, self.options.login, self.options.retry.connect_timeout)
        except BaseException:
            session.close()
            self._hosts_are_old = True
            raise
        if self.hosts.replace(found):
            on_event(f"servers of the tenant: {', '.join(map(str, found))}")
            steps.tell(steps.steps(), "hosts_changed", on_event, found)


def _check(cancelled: threading.Event | None) -> None:
    if cancelled is not None and cancelled.is_set():
        raise SessionCancelled("the run was cancelled: no connection is opened")


def _all_failed(failures: dict[Endpoint, ConnectError], others: list[Endpoint]) -> ConnectError:
    *earlier, last = failures.values()
    if not earlier and not (last.elsewhere and others):
        return last
    worth_a_try = next((failure for failure in failures.values() if failure.retryable), last)
    texts = [str(failure) for failure in failures.values()]
    if last.elsewhere:
        texts += [f"{endpoint}: not tried, connect_retry_deadline was over" for endpoint in others]
    each = max(_EACH, _ALL // len(texts))
    texts = [one_line(text, each) for text in texts]
    kept = worth_a_try if last.elsewhere else last
    text = f"no host could be reached: {'; '.join(texts)}"
    return type(kept)(text, kept.code, kept.host, limit=len(text))
