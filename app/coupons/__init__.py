"""Coupons: issued from offers into a member's wallet, held, redeemed, within every limit and budget."""
