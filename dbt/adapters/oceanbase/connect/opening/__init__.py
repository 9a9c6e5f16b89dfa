"""Open sessions: choose hosts, find the password, call the steps of other packages, connect, and retry."""
