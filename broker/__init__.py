"""Moves envelopes. The broker is fast, looks honest, and is not trusted."""
