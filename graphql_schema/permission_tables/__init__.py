"""Who may read each type and each root field, as tables."""
