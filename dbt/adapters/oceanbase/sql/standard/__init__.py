"""Standard SQL that the server cannot parse, or reads as something else, rewritten to SQL that it reads as it is meant.

A text that the server parses is never changed, but for ``||`` with ``concat``: the casts that are rewritten are syntax
errors (1064) on seekdb 1.3 and 1.4. The entry point is ``rewritten``.
"""

from .pipes import UnclearOperandError, first_pipe
from .rewriting import rewritten

__all__ = ["UnclearOperandError", "first_pipe", "rewritten"]
