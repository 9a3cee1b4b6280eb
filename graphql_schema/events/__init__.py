"""Events through GraphQL: the feed that partners read on from a cursor."""
