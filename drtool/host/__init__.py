"""This process and this disk: who runs it, how it is interrupted, where it writes, and files that may be traps."""
