"""``python -m bnproof``."""

from .cli.app import main

main()
