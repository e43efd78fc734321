"""One node of the federation: the program that a national administration, or the Commission, runs."""
