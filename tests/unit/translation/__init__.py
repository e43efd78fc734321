"""Engines by themselves."""
