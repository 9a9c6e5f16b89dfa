"""Short-lived connections that end statements of other sessions, and find statements whose answer was lost."""
