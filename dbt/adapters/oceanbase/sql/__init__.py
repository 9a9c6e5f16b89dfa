"""Parsing of SQL statements and types, and generation of SQL expressions."""
