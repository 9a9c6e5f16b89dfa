"""Sockets, their deadlines, and TLS."""
