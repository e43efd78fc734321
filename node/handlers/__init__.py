"""Decisions without I/O, clock or randomness: here lives the law, as functions of what is given."""
