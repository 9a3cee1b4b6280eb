"""How long the tests wait for what must come about: a busy machine must not fail what is right."""

PATIENCE_SECONDS = 120
