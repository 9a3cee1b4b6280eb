"""The tests, and the arrangements and examples that they share."""
