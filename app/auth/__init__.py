"""Who calls: keys and tokens, sessions, partners and their scopes, roles of staff; all make an actor."""
