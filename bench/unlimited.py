"""`python -m bench.unlimited`: the real application, to which a few callers may send as much as they can."""

from app.main import create_application
from app.shared.logging import configure_logging
from app.shared.settings.loading import load_settings
from bench.serving import serve
from graphql_schema import budget

UNLIMITED = 10**12

if __name__ == "__main__":
    budget.CAPACITY = UNLIMITED
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    serve(create_application(settings))
