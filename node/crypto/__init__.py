"""Signs, seals, opens, and decides whose keys count; the one package that knows cryptography.

Everything here is pure but the reading and writing of the key folder: time and randomness are arguments.
The exception is HPKE's encapsulation, for which the library draws its own randomness.
"""
