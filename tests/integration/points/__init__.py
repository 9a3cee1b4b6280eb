"""Points, and the check-ins and ranks beside them."""
