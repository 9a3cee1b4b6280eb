"""Purchases of every channel."""
