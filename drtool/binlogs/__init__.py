"""Binary logs, read event by event and never run: formats, transactions, where a backup stands in them."""
