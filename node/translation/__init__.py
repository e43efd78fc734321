"""Machine translation: engines behind one small interface (`port`), and a hint which language a text is in.

What an engine says is a help to readers. It never takes the place of the original, and nothing is decided by it.
"""
