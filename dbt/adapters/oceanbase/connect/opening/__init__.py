"""From a host list to a session, with retries."""
