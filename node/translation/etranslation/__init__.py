"""eTranslation of the European Commission, REST v1 and v2: a request now, its answer later at an address of the node.

The two share words and differ in nearly all else: authentication, shapes, and the meaning of the same numbers.
"""
