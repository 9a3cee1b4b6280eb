"""Payments: money set aside, taken, let go of and given back, each act once, at the store or by card."""
