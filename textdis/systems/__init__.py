"""One paper, one file: its model (where new) and its objective."""
