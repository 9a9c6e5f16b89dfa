"""What the server knows: itself, its relations and their columns, comments and freshness."""
