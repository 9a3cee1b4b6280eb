"""Check-ins: visits to stores that are registered from the phone, proven, and rewarded with points."""
