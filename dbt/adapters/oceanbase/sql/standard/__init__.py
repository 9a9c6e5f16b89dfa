"""Standard SQL that the server cannot parse, rewritten to SQL that it can.

A text that the server parses is never changed: every form that is rewritten is a syntax error (1064) on seekdb 1.3 and
1.4. The entry point is ``rewritten``.
"""

from .rewriting import rewritten

__all__ = ["rewritten"]
