"""Counts without content."""
