"""Desks over real stores, without a broker process: letters are carried by hand."""
