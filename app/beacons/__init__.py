"""Beacons: what those placed at a store send, and which of them a member's phone has sighted."""
