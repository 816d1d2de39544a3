"""Questions to the restored data, each with an expected answer."""
