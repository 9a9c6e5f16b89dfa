"""Building relations: staging tables, constraints, foreign keys and grants."""
