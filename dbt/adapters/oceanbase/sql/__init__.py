"""SQL texts and types."""
