"""Favourites: the SKUs that a member marked."""
