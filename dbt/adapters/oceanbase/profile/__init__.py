"""Fields of a profile: values, checks, and rules between them."""
