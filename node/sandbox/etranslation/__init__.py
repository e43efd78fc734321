"""A stand-in of eTranslation on this machine, REST v1 and v2, for tests and for trying a configuration out.

    python -m node.sandbox.etranslation --port 8471

It keeps to what is known of the service: Digest (v1) and Basic (v2), a number at once and the answer later, limits,
error codes, three tries of a callback that fails with 5xx. It translates nothing: a French "translation" of X is
"[fr] X", a little longer. What is to go wrong is asked for by words in the text (see `behaviour`).
"""

from node.sandbox.etranslation.service import StandIn, serve

__all__ = ["StandIn", "serve"]
