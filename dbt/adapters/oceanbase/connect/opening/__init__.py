"""Open sessions: choose hosts, find the password, call the hooks of other packages (steps), connect, and retry."""
