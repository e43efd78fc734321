"""Tests of the shapes and of the declarations."""
