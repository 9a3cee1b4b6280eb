"""Consents: what a member allows us, each decision on record."""
