"""Judges fitted on real text, scores of rewritten text, and their tables."""
