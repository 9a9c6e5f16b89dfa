"""Short connections that end statements of other sessions, and that find statements whose answer was lost."""
