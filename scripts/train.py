"""Trains a model: `python scripts/train.py transfer --recipe yelp --output runs/yelp` is `textdis train`."""

import sys

from textdis.cli import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
