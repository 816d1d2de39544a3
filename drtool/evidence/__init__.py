"""What a drill leaves and how it is trusted: its folder, the signature over its report, the ledger, the audit."""
