"""Payments, at the store and by card."""
