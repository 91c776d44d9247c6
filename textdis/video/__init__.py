"""Clips: from files to batches, and back to files."""
