"""Sockets, time limits on them, and TLS."""
