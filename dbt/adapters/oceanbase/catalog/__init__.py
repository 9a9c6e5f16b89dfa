"""Read metadata from the server: its version, and its relations with their columns, comments and freshness."""
