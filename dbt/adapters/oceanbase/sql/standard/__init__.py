"""Replace standard SQL that the server refuses or misunderstands by SQL that has the same meaning on the server.

Examples are ``x::integer``, ``interval '3 days'``, ``ilike``, and ``||`` between texts. Casts, intervals, names and
predicates are rewritten only in forms that the server refuses with a syntax error (1064, seen on seekdb 1.3 and 1.4).
``||`` is a logical OR for the server, so it becomes ``concat`` only on request. The entry point is the function
``rewritten``.
"""

from .pipes import UnclearOperandError, first_pipe
from .rewriting import rewritten

__all__ = ["UnclearOperandError", "first_pipe", "rewritten"]
