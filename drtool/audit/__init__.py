"""Everything that judges a history of drills: the ledger, the reports, their signatures and their rhythm."""
