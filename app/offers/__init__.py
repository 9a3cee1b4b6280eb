"""Offers: what a coupon gives, who may have and use it, when and where, and the segments that they name."""
