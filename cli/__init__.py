"""The skillgraph command."""
