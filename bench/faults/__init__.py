"""Journeys of members, staff and tills while the network and MongoDB fail, and the audit of what is left."""
