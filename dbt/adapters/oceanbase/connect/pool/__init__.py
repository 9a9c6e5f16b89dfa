"""Connections that are kept open between uses."""
