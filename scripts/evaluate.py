"""Scores outputs of any system: `python scripts/evaluate.py --sources a.txt --outputs b.txt` is `textdis evaluate`."""

import sys

from textdis.cli import main

if __name__ == "__main__":
    main(["evaluate", *sys.argv[1:]])
