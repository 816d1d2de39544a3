"""Baselines: what the data was when it was backed up, and how what came back differs from it."""
