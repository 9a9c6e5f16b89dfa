"""Use open connections: the driver's connection, the settings that are sent once, and sessions.

A session is one use of a connection. A connection may serve several sessions, one after the other.
"""
