"""Run one statement: open its session, send it, repeat it after some failures, convert its errors, and cancel it."""
