"""Running one statement: its session, sending it, repeating it, its errors and its cancellation."""
