"""``python -m restorekit``, as torchrun starts it."""

from restorekit.cli import main

if __name__ == "__main__":
    main()
