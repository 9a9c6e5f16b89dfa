"""Forward the log records of the package ``connect``, which knows nothing of dbt, to dbt's log."""

from __future__ import annotations

import logging

from dbt.adapters.events.logging import AdapterLogger

from ..connect.engine.notice import NOTICE

CONNECT_LOGGER = "dbt.adapters.oceanbase.connect"

logger = AdapterLogger("OceanBase")


class DbtLogHandler(logging.Handler):
    """A handler that forwards log records to dbt's logger.

    Warnings and errors become warnings, records of the level NOTICE become info, and all others become debug. dbt finds
    the current node in context variables. If a thread that the package ``connect`` has started works for a node, it
    logs in a copy of the context of the node's thread. So dbt attributes these messages to the node. The thread of
    ``lost_answers`` is an exception: it works for all nodes, in a copy of the context of the first one.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Log ``record``. If that fails, ``handleError`` reports the failure, as in the standard library's handlers."""
        try:
            text = self.format(record)
            if record.levelno >= logging.WARNING:
                logger.warning(text)
            elif record.levelno >= NOTICE:
                logger.info(text)
            else:
                logger.debug(text)
        except Exception:  # a message that cannot be logged must not end the dbt node
            self.handleError(record)


_handler = DbtLogHandler()


def forward_connect_logs() -> None:
    """Forward the log records of the package ``connect`` to dbt's logger from now on. A second call does nothing.

    The records no longer go to the root logger, because each message would then appear twice: dbt's usage tracking
    (``snowplow_tracker``) adds a handler to the root logger that writes to the console.
    """
    source = logging.getLogger(CONNECT_LOGGER)
    # dbt's own flags decide which levels are shown and written to its log file
    source.setLevel(logging.DEBUG)
    source.propagate = False
    source.addHandler(_handler)
