"""Opening of sessions: hosts, passwords, steps, attempts and retries."""
