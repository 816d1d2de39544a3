"""What a drill leaves: its folder, and the ledger of all drills."""
