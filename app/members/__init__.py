"""Members and guests: their cards' numbers, profiles, miles and ranks."""
