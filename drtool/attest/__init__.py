"""What is made of a signed report on request, and laid beside it: a time-stamp, a statement."""
