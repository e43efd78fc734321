"""Authorities and people of one country."""
