"""Interests: what a member showed to like, decaying with time."""
