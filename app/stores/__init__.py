"""Stores: places with hours, a location and services; each process knows all of them."""
