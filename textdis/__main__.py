"""`python -m textdis` is the command `textdis`."""

from textdis.cli import main

main()
