"""What a kind of mutants is, and how its values are drawn."""

from collections.abc import Callable
from dataclasses import dataclass


class Draw:
    """Values of one mutant; those of mutant 0 are the sample's.

    Args:
        number: Which mutant.
        rng: Draws the others.
    """

    def __init__(self, number, rng):
        self.number, self.rng = number, rng

    def one(self, sample, *others):
        """The sample's value, or any of these."""
        choices = (sample, *others)
        return choices[int(self.rng.integers(len(choices)))] if self.number else sample

    def size(self, sample, least, most):
        """The sample's size, or one between two, each power of two as often as another."""
        return int(2 ** self.rng.uniform(least, most)) if self.number else sample

    def chance(self, share):
        """Whether something is done that is not in the sample."""
        return bool(self.number) and self.rng.random() < share

    def junk(self, most):
        """Up to so many random bytes."""
        return self.rng.bytes(int(self.rng.integers(most)))


@dataclass(frozen=True)
class Kind:
    """A kind of what is hostile.

    Attributes:
        make: Writes a mutant below a folder, from a `Draw`; gives the command's arguments, or None where the mutant
            lies in the folder "in" of the pictures that are deblurred.
        lot: Mutants of one command, at most.
        kept: Whether each mutant is a picture that must come out.
        allowed: Statuses with which the command may end.
        writes: What the command may write into its own folder.
        kill: Which signal to send, and after how many seconds, from a `Draw`; or None.
    """

    make: Callable
    lot: int = 10
    kept: bool = False
    allowed: tuple = (0, 1, 2)
    writes: tuple = ("out",)
    kill: Callable = lambda draw: None
