"""The source systems: a module that holds `SOURCE` is a source that can be loaded; others help one."""
