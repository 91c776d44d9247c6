"""`python -m textdis.cli`."""

from textdis.cli import main

main()
