"""A copy of the evidence in a bucket with Object Lock, which nobody can change or remove for as long as it is kept."""
