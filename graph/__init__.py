"""Where the graph is kept: stores, evidence to held skills, the index."""
