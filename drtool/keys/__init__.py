"""Signing and verifying: keys in files, agents and tokens, and who is trusted."""
