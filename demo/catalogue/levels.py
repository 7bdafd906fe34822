"""Levels of the home scale."""

F, P, A = 1, 2, 3  # foundation, practitioner, advanced
