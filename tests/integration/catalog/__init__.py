"""Products, their categories, and the search."""
