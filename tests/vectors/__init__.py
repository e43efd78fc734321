"""The wire as golden vectors: what every implementation has to open, and what it has to refuse, and how."""
