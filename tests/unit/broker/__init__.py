"""Tests of what the broker package decides without any broker."""
