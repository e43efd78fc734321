"""What time makes due, whose turn it is, and who is told."""
