"""How words become entries of the index, and questions become look-ups."""
