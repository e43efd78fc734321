"""The rights of persons: when data are needed no longer, what is asked about them, what is corrected."""
