"""What holds whatever happens: random acts over a bad network."""
