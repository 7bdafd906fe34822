"""What exists: the classes, properties, shapes and crosswalks that everything else is read from."""
