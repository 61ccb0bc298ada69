"""What a test leaves running."""

import multiprocessing


def left_over():
    """The workers that are still there, after those that were told to end have had the time to."""
    for worker in multiprocessing.active_children():
        worker.join(60)
    return multiprocessing.active_children()
