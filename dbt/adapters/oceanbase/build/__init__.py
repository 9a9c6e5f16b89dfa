"""Create relations: staging tables, constraints, foreign keys and grants."""
