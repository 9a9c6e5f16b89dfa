"""Use open connections: the driver's connection, the SET statement for a new or reset session, and sessions.

A session is one use of a connection. A connection may serve several sessions, one after the other.
"""
