"""One statement from its text to its answer."""
