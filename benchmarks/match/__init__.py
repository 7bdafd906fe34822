"""Figures of the match engine: a million people, twenty million facts, and what else one would take for it."""
