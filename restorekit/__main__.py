"""The command: ``restorekit``, or ``python -m restorekit``, as torchrun starts it."""

import signal


def main() -> None:
    """Run the command line; one that is interrupted before it has begun ends without a word."""
    interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interrupts:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from restorekit.cli import main as run

    if interrupts:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
