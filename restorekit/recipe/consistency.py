"""What must hold between the parts of a recipe, beyond what each of them checks by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from restorekit.contracts import AdversarialLoss, Crop, Network
from restorekit.recipe.lines import Location
from restorekit.recipe.part import Placeholder, part_name
from restorekit.recipe.problems import Problem
from restorekit.registries import did_you_mean

if TYPE_CHECKING:
    from restorekit.recipe.recipe import Recipe
    from restorekit.recipe.schema import Stage, Step, Term


def inconsistencies(recipe: Recipe) -> list[Problem]:
    """Find what does not fit together. A component that could not be made is taken to fit."""
    tasks = [part_name("task", task) for task in recipe.task]
    found = [
        *_tasks(recipe, tasks),
        *(problem for i, term in enumerate(recipe.terms) for problem in _term(term, ("loss", i), tasks)),
        *_unused(recipe),
        *_stages(recipe),
        *_sizes(recipe),
        *_validation(recipe),
        *_shrinking(recipe.degradations, recipe, ()),
        *(
            problem
            for i, stage in enumerate(recipe.stage)
            if stage.degradations is not None
            for problem in _shrinking(stage.degradations, recipe, ("stage", i))
        ),
    ]
    return list(dict.fromkeys(found))  # stages share what they do not set


def _tasks(recipe: Recipe, types: Sequence[str]) -> Iterator[Problem]:
    for i, name in enumerate(types):
        if name in types[:i]:
            yield Problem(("task", i), f"two tasks are of type '{name}'; keep one of them")
    if "image" not in types:
        yield Problem(
            ("task", 0), "no task of type 'image', which is what a restored picture comes from; add it"
        )
    heads = recipe.network.heads if isinstance(recipe.network, Network) else None
    for i, name in enumerate(types):
        if heads is not None and name not in heads:
            network = part_name("network", recipe.network)
            message = f"network '{network}' has no head for task '{name}'; it serves: {', '.join(heads)}"
            yield Problem(("task", i, "type"), message)


def _term(term: Term, at: Location, tasks: Sequence[str]) -> Iterator[Problem]:
    if len(set(term.tasks)) < len(term.tasks):
        yield Problem((*at, "tasks"), "a task is named twice; name it once")
    for task in term.tasks:
        if task not in tasks:
            yield Problem((*at, "tasks"), f"no [[task]] of type '{task}'; {did_you_mean(task, tasks)}")
    if isinstance(term.loss, AdversarialLoss):
        if len(term.tasks) != 1 or not term.finest_only:
            yield Problem(
                at, 'an adversarial loss judges one task; set tasks to one name and scales = "finest"'
            )
        if term.weight is None:
            yield Problem((*at, "weight"), "an adversarial loss has no size to balance; give it a number")
    elif term.optim is not None and not isinstance(term.loss, Placeholder):
        name = part_name("loss", term.loss)
        yield Problem((*at, "optim"), f"loss '{name}' trains nothing; remove optim")


def _unused(recipe: Recipe) -> Iterator[Problem]:
    names = [term.name for term in recipe.terms]
    used = {name for stage in recipe.stage for name in stage.losses}
    for i, name in enumerate(names):
        if name in names[:i]:
            yield Problem(("loss", i), f"two losses are called '{name}'; give one of them another name")
        elif name not in used:
            message = f"no stage uses loss '{name}'; add it to a [[stage]]'s losses or remove it"
            yield Problem(("loss", i), message)


def _stages(recipe: Recipe) -> Iterator[Problem]:
    names = [term.name for term in recipe.terms]
    balanced: set[str] = set()
    for i, stage in enumerate(recipe.stage):
        at: Location = ("stage", i, "losses")
        for name in stage.losses:
            if name not in names:
                yield Problem(at, f"no [[loss]] is called '{name}'; {did_you_mean(name, names)}")
        here = [term for term in recipe.terms if term.name in stage.losses]
        plain = [term for term in here if not term.adversarial]
        if not plain:
            yield Problem(at, "no loss compares with the sharp image; name one that is not adversarial")
        auto = {term.name for term in plain if term.weight is None} - balanced
        if auto and len(auto) == len(plain):
            message = f"nothing to balance loss '{min(auto)}' against; give it a weight, or name one that has a weight"
            yield Problem(at, message)
        balanced |= auto
        if stage.size not in (None, recipe.data.size):
            yield from _judged(recipe, here, ("stage", i, "size"))


def _judged(recipe: Recipe, terms: Sequence[Term], at: Location) -> Iterator[Problem]:
    for term in terms:
        if term.adversarial:
            message = f"loss '{term.name}' judges {recipe.data.size} pixels throughout"
            yield Problem(at, f"{message}; leave size out of its stages")


def _validation(recipe: Recipe) -> Iterator[Problem]:
    for metric in recipe.validation.metrics if recipe.validation else ():
        missing = (
            [] if isinstance(metric, Placeholder) else [need for need in metric.needs if need != "target"]
        )
        if missing:
            name = part_name("metric", metric)
            message = f"metric '{name}' needs '{missing[0]}', which validation does not give"
            yield Problem(("validation", "metrics"), f"{message}; measure it on a test set")


def _shrinking(steps: Sequence[Step], recipe: Recipe, at: Location) -> Iterator[Problem]:
    if any(isinstance(step.degradation, Placeholder) for step in steps) or isinstance(
        recipe.network, Placeholder
    ):
        return
    scale = math.prod(step.degradation.scale for step in steps)
    if scale != recipe.network.scale:
        message = f"the degradations shrink by {scale}, and the network enlarges by {recipe.network.scale}"
        yield Problem(at or ("network",), f"{message}; both must be the same")
    for i, step in enumerate(steps):
        if step.degradation.scale > 1 and step.p < 1:
            yield Problem(
                (*at, "degradation", i, "p"), "what shrinks an image must be undergone by all; leave p out"
            )


def _sizes(recipe: Recipe) -> Iterator[Problem]:
    for i, stage in enumerate(recipe.stage):
        yield from _size(recipe, stage, ("stage", i, "size") if stage.size else ("data", "size"))


def _size(recipe: Recipe, stage: Stage, at: Location) -> Iterator[Problem]:
    size, network, crop = stage.size or recipe.data.size, recipe.network, recipe.data.crop
    multiple = network.size_multiple * network.scale if isinstance(network, Network) else 1
    if size % multiple:
        yield Problem(at, f"size {size} is not a multiple of {multiple}, which the network needs")
    if isinstance(crop, Crop) and crop.side not in (None, size):
        name = part_name("crop", crop)
        yield Problem(at, f"the '{name}' crop is {crop.side} pixels; set size = {crop.side}, or another crop")
