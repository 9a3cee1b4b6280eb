"""Webhooks: partners' endpoints, and the events that are posted to them until they are taken."""
