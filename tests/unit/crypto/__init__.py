"""The cryptography, module by module."""
