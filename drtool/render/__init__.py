"""A drill's record for people and machines (terminal, page, JUnit XML), and its progress while it runs."""
