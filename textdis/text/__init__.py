"""Text between the outside and the systems: reading, tokenising, batching, normalising, noise."""
