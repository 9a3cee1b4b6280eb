"""Points: the append-only ledger, its lots that expire, and the balance that is always their sum."""
