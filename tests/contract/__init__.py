"""One suite for every implementation of the broker port."""
