"""What a database was when it was backed up: captured, and compared with what came back."""
