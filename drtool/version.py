"""The version of drtool."""

__version__ = "0.1.0"
