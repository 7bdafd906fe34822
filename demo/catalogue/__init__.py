"""What the demo company teaches, asks for and measures, as declarations."""
