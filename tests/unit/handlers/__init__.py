"""The law, as functions: forms, steps, convergence, periods, counts."""
