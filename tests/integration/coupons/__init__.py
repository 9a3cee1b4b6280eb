"""Coupons, the offers they come from, and who is given which when."""
