"""A federation to learn and to try with: fictitious authorities, recorded cases."""
