"""Fields of a profile: their declaration, their checks, and the rules between them."""
