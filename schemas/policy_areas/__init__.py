"""Declarations of policy areas: data."""
