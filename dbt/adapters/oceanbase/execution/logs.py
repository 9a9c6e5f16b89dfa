"""Forward what ``connect`` logs to dbt's log."""

from __future__ import annotations

import logging

from dbt.adapters.events.logging import AdapterLogger

CONNECT_LOGGER = "dbt.adapters.oceanbase.connect"

logger = AdapterLogger("OceanBase")


class DbtLogHandler(logging.Handler):
    """Forwards log records to dbt's logger: warnings and errors as warnings, all others at debug level.

    dbt finds the current node in context variables. Threads that ``connect`` starts run in a copy of their starter's
    context, so dbt attributes their messages to the right node.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Log ``record``. An error is reported as by every handler of the standard library, and not raised."""
        try:
            text = self.format(record)
            if record.levelno >= logging.WARNING:
                logger.warning(text)
            else:
                logger.debug(text)
        except Exception:  # as every handler of the standard library: a message that fails ends no node
            self.handleError(record)


_handler = DbtLogHandler()


def forward_connect_logs() -> None:
    """Forward the records of ``connect`` to dbt's logger from now on. A second call does nothing.

    The root logger no longer gets them: dbt's tracker sets up a handler there that writes to the console, where each
    message would appear a second time.
    """
    source = logging.getLogger(CONNECT_LOGGER)
    # dbt's own flags decide which levels are shown and written to its log file
    source.setLevel(logging.DEBUG)
    source.propagate = False
    source.addHandler(_handler)
