"""`python -m graphql_schema`: prints the schema."""

import sys

from graphql_schema.schema import schema

sys.stdout.write(schema.as_str() + "\n")
