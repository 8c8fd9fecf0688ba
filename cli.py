"""Run bnproof from a checkout: ``python cli.py prove …``. Everything happens in `bnproof.cli`."""

from bnproof.cli.app import main

if __name__ == "__main__":
    main()
