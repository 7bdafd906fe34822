"""The mapping questions: one module a question."""
