"""Fields of a dbt profile: their declarations, the checks of their values, and the rules for combining them."""
