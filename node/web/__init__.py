"""The node's API."""
