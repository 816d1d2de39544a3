"""Restoring: one module a kind of backup, all through one pipe inside the sandbox."""
