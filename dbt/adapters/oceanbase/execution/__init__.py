"""Run one statement: open its session, send it, repeat it after some failures, convert its errors, and cancel it.

A session is an open connection to the server. dbt's own connection object has one as its handle.
"""
