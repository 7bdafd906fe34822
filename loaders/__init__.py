"""Source systems to records: one module a system, and the generic load."""
