"""The node's memory: one SQLite file, one module a noun, no cryptography and no rules.

Every function takes an aiosqlite connection first: the one that `Store.transaction()` yields to write, that
one or `Store.read` to read. Content arrives here sealed; times are aware UTC and are kept in the wire's
form, so that text order is time order.
"""
