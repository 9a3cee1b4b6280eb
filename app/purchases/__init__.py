"""Purchases: receipts of every channel, each recorded once, what they earn, and returns."""
