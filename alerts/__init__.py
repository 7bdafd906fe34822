"""Who became hiring-ready: noticed, kept, delivered."""
