"""Beacons through GraphQL: placed by managers, listened for and sighted by phones."""
