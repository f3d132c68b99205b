"""The village's households and residents: kept, found, imported, exported, and forgotten. Knows nothing of HTTP."""
