"""Reports of what an offer has brought, against the members who were held out of it."""
