"""Binary logs replayed into a restored database, up to a point in time."""
