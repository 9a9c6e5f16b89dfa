"""Parse SQL statements and types, and generate SQL expressions."""
