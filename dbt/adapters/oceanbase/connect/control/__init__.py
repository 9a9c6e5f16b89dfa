"""Watch and end the statements of open sessions, by queries and KILL QUERY on another, short-lived connection."""
