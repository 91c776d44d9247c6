"""Rewrites a text in another style: `python scripts/transfer.py --input reviews.txt` is `textdis transfer`."""

import sys

from textdis.cli import main

if __name__ == "__main__":
    main(["transfer", *sys.argv[1:]])
