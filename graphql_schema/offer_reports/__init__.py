"""Reports through GraphQL: what an offer has brought, as headquarters reads it."""
