"""Products, their SKUs and categories, and the search that finds them."""
