"""`python -m graphql_schema.compiled home`: shows what is written for an official operation."""

import sys

from graphql_schema.compiled.official import official_plans
from graphql_schema.documents import HASHES, TEXTS


def main(names: list[str]) -> int:
    """Prints the functions of these operations; 2 when one is none of ours."""
    if not names or not set(names) <= HASHES.keys():
        sys.stderr.write(f"Which operations? {', '.join(HASHES)}\n")
        return 2
    for name in names:
        sys.stdout.write("\n\n".join(official_plans()[TEXTS[name]].functions))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
