"""Orders ahead: quoted, held, paid, accepted, prepared, ready, collected, and what becomes of others."""
