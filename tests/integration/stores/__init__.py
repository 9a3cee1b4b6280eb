"""Stores and their beacons."""
