"""Open sessions for one set of options: try the hosts in turn, and repeat this in several rounds if needed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import ConnectError, HostUnreachable, ServerBusy, SessionCancelled, TlsNameMismatch, one_line
from ..options import ConnectOptions, Endpoint, EngineOptions
from ..session.session import Session
from . import discovery, retry, steps
from .attempt import Attempt, link_caution, run
from .hosts import HostList
from .password import PasswordSource

if TYPE_CHECKING:
    from ..ssh.bastion import Bastion

logger = logging.getLogger(__name__)

ACCESS_DENIED = 1045

_MAX_REASONS = 250
"""Maximum characters of all reasons together in the error that no host could be reached.

Each host in the error has one reason. Each reason gets an equal part of the characters, but at least _MIN_REASON.
"""

_MIN_REASON = 60
"""Each host's reason may have at least this many characters, even if all reasons together exceed _MAX_REASONS."""


class Connector:
    """Opens sessions for one set of options, and keeps none of them. Threads can share a connector.

    A round tries each host once. The options limit the number of rounds, and the seconds for all rounds together
    (``deadline``). ``sleep`` is called with the seconds to wait between two rounds. If it is None, the connector waits
    by itself, and ends the wait early when the event ``cancelled`` of ``connect`` is set.

    If this connector has opened a session before and now cannot reach the server, it expects the server to come back.
    In this case only the deadline limits the rounds. If the server is still away at the deadline, the number of rounds
    is limited again until the next session is opened.
    """

    def __init__(self, options: ConnectOptions, sleep: Callable[[float], Any] | None = None) -> None:
        self.options = options
        self.hosts = HostList(options.endpoints, options.host_strategy)
        self._passwords = PasswordSource(options.login)
        self._bastion = _bastion(options)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._discovery_is_due = options.discover
        self._misnamed: set[Endpoint] = set()
        self._has_cautioned = False
        self._sessions_opened = 0
        self._is_patient = False

    def __repr__(self) -> str:
        return f"<Connector to {self.options.engine or self.hosts}>"

    def connect(
        self, cancelled: threading.Event | None = None, *, waits_when_full: Callable[[], bool] = retry.always
    ) -> Session:
        """Open a session on the first host that accepts one.

        A round tries each host once. The options limit the number of rounds and their time. If this connector has
        opened a session before and now cannot reach the server, only the time is limited. If a round fails because a
        server is full, another round follows only if ``waits_when_full()`` returns True. When ``cancelled`` is set, no
        other host is tried, and the wait between two rounds ends.

        Raises the ConnectError of the last round. If several hosts failed, its text lists each host with its reason.
        Raises SessionCancelled if ``cancelled`` is set when the next host of a round is to be tried.
        """
        sleep = self._sleep or (cancelled.wait if cancelled else time.sleep)
        until = time.monotonic() + self.options.retry.deadline
        policy = retry.policy(
            self.options.retry,
            sleep,
            cancelled,
            waits_when_full=waits_when_full,
            is_patient=lambda: self._is_patient,
        )
        opened_before = self._sessions_opened
        try:
            return policy(self._round, until, cancelled)
        except retry.LINK_ERRORS:
            # each node would wait for the whole deadline if the server has gone for good
            if opened_before == self._sessions_opened and not (cancelled is not None and cancelled.is_set()):
                self._is_patient = False
            raise

    def connect_once(self) -> Session:
        """Open a session on the first host that accepts one, in one round over all hosts.

        Raises ConnectError if no host accepts a session.
        """
        return self._round(time.monotonic() + self.options.retry.deadline)

    def open_control_session(self, endpoint: Endpoint, seconds: float) -> Session:
        """Open a session on ``endpoint`` within ``seconds``, without a current schema. No other host is tried.

        Raises ConnectError if the session cannot be opened.
        """
        without_schema = replace(self.options, session=replace(self.options.session, schema=None))
        return self._attempt(endpoint, seconds, without_schema)

    def close(self) -> None:
        """Close the connection to the SSH bastion, if there is one, as soon as no session uses the connection.

        This call does not wait for the sessions. The next session that is opened logs in to the bastion again.
        """
        if self._bastion is not None:
            self._bastion.close()

    def _round(self, until: float, cancelled: threading.Event | None = None) -> Session:
        _raise_if_cancelled(cancelled)
        if self.options.engine is not None:
            # the deadline limits connecting, but not the start of the engine
            return self._connect_to_engine(self.options.engine)
        failures: dict[Endpoint, ConnectError] = {}
        order = self._order()
        for endpoint in order:
            _raise_if_cancelled(cancelled)
            left = until - time.monotonic()
            if failures and left <= 0:
                break
            seconds = min(self.options.retry.connect_timeout, max(left, 0.001))
            try:
                session = self._attempt(endpoint, seconds, self.options)
            except ConnectError as error:
                if isinstance(error, TlsNameMismatch) and endpoint not in self.options.endpoints:
                    self._leave_out(endpoint)
                    # not the last failure, which decides whether another round follows
                    failures = {endpoint: error, **failures}
                    continue
                failures[endpoint] = error
                if not error.elsewhere:
                    break
                self._put_aside(endpoint, error)
            else:
                self.hosts.succeeded(endpoint)
                self._discover(session)
                return session
        raise _all_failed(failures, [endpoint for endpoint in order if endpoint not in failures])

    def _order(self) -> tuple[Endpoint, ...]:
        """Return all hosts in the order in which a round tries them.

        Hosts that failed lately come last. They are included, since they may be running again.
        """
        # if all discovered servers are gone, a server from the profile may know the new ones
        return tuple(dict.fromkeys((*self.hosts.candidates(), *self.hosts.endpoints, *self.options.endpoints)))

    def _leave_out(self, endpoint: Endpoint) -> None:
        """Stop using ``endpoint``, a discovered server whose certificate is for another name or address.

        OceanBase lists its servers by address, while certificates usually have names. The certificate is not accepted.
        If no discovered server is left, the servers of the profile are used. The first call logs a warning.
        """
        with self._lock:
            is_first = not self._misnamed
            self._misnamed.add(endpoint)
            self.hosts.replace(self._well_named(self.hosts.endpoints))
        if is_first:
            text = f"hosts auto: {endpoint} is not used, because its certificate is for another name"
            remedy = "set ssl_server_name to a name that all certificates have"
            logger.warning(f"{text}: {remedy}, or list the servers in hosts by the names in their certificates")

    def _well_named(self, found: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        left = tuple(endpoint for endpoint in found if endpoint not in self._misnamed)
        return left or self.options.endpoints

    def _put_aside(self, endpoint: Endpoint, error: ConnectError) -> None:
        self._discovery_is_due = self.options.discover
        # a full server accepts connections again as soon as another client has closed one
        is_alone = len(self.options.endpoints) == 1 and not self.options.discover
        if not is_alone and not isinstance(error, ServerBusy):
            logger.debug(f"{endpoint} is put aside for {self.hosts.failed(endpoint):g} s ({error.code})")

    def _connect_to_engine(self, engine: EngineOptions) -> Session:
        from ..engine import embedded

        endpoint = embedded.start(engine)
        try:
            return self._attempt(endpoint, self.options.retry.connect_timeout, self.options)
        except HostUnreachable:
            embedded.forget_dead(engine)
            raise

    def _attempt(self, endpoint: Endpoint, seconds: float, options: ConnectOptions) -> Session:
        attempt = self._new_attempt(endpoint, seconds, options)
        try:
            return self._run(attempt)
        except ConnectError as error:
            if error.code != ACCESS_DENIED or attempt.request.login.password != attempt.source_password:
                raise
            if not self._passwords.renew(attempt.source_password):
                raise
            logger.debug(f"{endpoint} refused the password: password_command gave another one")
        return self._run(self._new_attempt(endpoint, seconds, options))

    def _new_attempt(self, endpoint: Endpoint, seconds: float, options: ConnectOptions) -> Attempt:
        request = steps.ConnectRequest(endpoint, options.login, options.tls)
        return Attempt(request, options, seconds, self._passwords, self._bastion, steps.steps())

    def _run(self, attempt: Attempt) -> Session:
        started = time.monotonic()
        try:
            session = run(attempt)
        except ConnectError as error:
            place = attempt.request.endpoint
            logger.debug(f"connect to {place} failed after {time.monotonic() - started:.3f} s ({error.code}): {error}")
            steps.notify(attempt.steps, "connect_failed", place, error)
            raise
        seconds = time.monotonic() - started
        logger.debug(f"connected to {session.endpoint} as session {session.id} in {seconds:.3f} s")
        with self._lock:
            self._sessions_opened += 1
            self._is_patient = True
        steps.notify(attempt.steps, "connected", session.endpoint, session.id)
        self._caution_once(session)
        return session

    def _caution_once(self, session: Session) -> None:
        with self._lock:
            text = None if self._has_cautioned else link_caution(session)
            self._has_cautioned = self._has_cautioned or text is not None
        if text is not None:
            logger.warning(text)

    def _discover(self, session: Session) -> None:
        if not self.options.discover:
            return
        with self._lock:
            is_due, self._discovery_is_due = self._discovery_is_due, False
        if not is_due:
            return
        try:
            found = discovery.access_points(session, self.options.login, self.options.retry.connect_timeout)
        except BaseException:
            session.close()
            self._discovery_is_due = True
            raise
        found = self._well_named(found)
        if self.hosts.replace(found):
            logger.debug(f"servers of the tenant: {', '.join(map(str, found))}")
            steps.notify(steps.steps(), "hosts_changed", found)


def _raise_if_cancelled(cancelled: threading.Event | None) -> None:
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
    limit = max(_MIN_REASON, _MAX_REASONS // len(texts))
    texts = [one_line(text, limit) for text in texts]
    kept = worth_a_try if last.elsewhere else last
    text = f"no host could be reached: {'; '.join(texts)}"
    return type(kept)(text, kept.code, kept.host, limit=len(text))


def _bastion(options: ConnectOptions) -> Bastion | None:
    if not options.ssh:
        return None
    from ..ssh.bastion import Bastion

    return Bastion(options.ssh)
