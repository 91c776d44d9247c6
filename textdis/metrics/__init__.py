"""Scores: plain functions of strings and arrays, never of a model."""
