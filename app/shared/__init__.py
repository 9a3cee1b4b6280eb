"""What every domain stands on: settings, database, clock, errors, idempotency, events. It knows none."""
