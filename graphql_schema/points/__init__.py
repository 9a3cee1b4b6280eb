"""Points through GraphQL: the balance, its lots, and the entries behind it."""
