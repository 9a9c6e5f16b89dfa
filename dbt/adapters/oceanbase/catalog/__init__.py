"""Metadata of the server: its version, and the relations with their columns, comments and freshness."""
