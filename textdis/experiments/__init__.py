"""Whole configurations: one frozen record and one function for each published run."""
