"""What the hub keeps: SQLite on one machine, PostgreSQL for a county, by the same code."""
