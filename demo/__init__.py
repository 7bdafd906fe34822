"""The demo company: one firm, three academies, made by one seeded script and committed as native tables."""
