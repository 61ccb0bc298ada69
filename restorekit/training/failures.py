"""Failures of torch that a user can do something about, in a line of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from restorekit.device import out_of_memory
from restorekit.errors import RestorekitError, brief
from restorekit.recipe import Recipe
from restorekit.training.refusal import Refusal

NOT_EXACT = "does not have a deterministic implementation"


@contextmanager
def explained(recipe: Recipe) -> Iterator[None]:
    """Turn what torch raises in this block into what the recipe can do about it.

    Raises:
        RestorekitError: There is too little memory, the network cannot be compiled, or it cannot be computed to the
            same bits each time.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        words = str(error)
        if out_of_memory(error):
            largest = max(recipe.stages, key=lambda stage: stage.batch * stage.size**2)
            raise RestorekitError(
                f"out of memory with batches of {largest.batch} images of {largest.size} px",
                'raise train.accumulate, lower data.size, or set train.precision = "bf16"',
            ) from error
        if type(error).__module__.startswith("torch._dynamo"):
            raise RestorekitError(
                f"torch cannot compile the network here: {brief(words)}", "set train.compile = false"
            ) from error
        if NOT_EXACT in words:
            what = words.partition(NOT_EXACT)[0]
            raise Refusal(
                f"{brief(what)} {NOT_EXACT}", "train without deterministic", "deterministic"
            ) from error
        raise
