"""SHACL in columns: shapes compiled into checks over whole predicates; see W3C's Shapes Constraint Language."""
