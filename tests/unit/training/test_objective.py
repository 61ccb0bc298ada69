"""The objective written out: tasks, scales and losses."""

import pytest
import torch
from torch.nn.functional import interpolate

from restorekit import Batch, RestorekitError, Task
from restorekit.data.image_task import ImageTask
from restorekit.recipe import Term
from restorekit.training.balance import balance
from restorekit.training.objective import Levels, build_criteria, content_terms, encode
from restorekit_gradient_task.gradient import GradientTask
from restorekit_losses.adversarial import DCGAN
from restorekit_losses.content import L1


def term(name, loss, tasks=("image",), finest_only=False, weight=1.0):
    scales = "finest" if finest_only else "all"
    return Term(name=name, loss=loss, tasks=tasks, scales=scales, weight=weight)


def test_each_scale_is_reduced_first_and_encoded_then():
    sharp, degraded, axis = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8), torch.tensor([0, 1])
    gradient = GradientTask()
    tasks = {"image": ImageTask(), "gradient": gradient}
    levels = encode(Batch(sharp, degraded), tasks, {"image": {}, "gradient": {"axis": axis}}, 2)
    for images, encoded in ((degraded, levels.inputs), (sharp, levels.targets)):
        coarse = interpolate(images, size=(4, 4), mode="bicubic", antialias=True)
        for found, wanted in zip(encoded["gradient"], (coarse, images), strict=True):
            assert torch.equal(found, gradient.encode(wanted, axis=axis))
        assert torch.equal(encoded["image"][0], coarse) and torch.equal(encoded["image"][1], images)
    assert [batch.scale for batch in levels.batches] == [0, 1]
    assert torch.equal(levels.batches[0].sharp, levels.targets["image"][0])


class Count(Task):
    """Its target is no encoding of the sharp image."""

    def encode(self, images):
        return images

    def target(self, batch):
        return torch.tensor([batch.sharp.shape[-1], batch.scale]), batch.task


def test_a_target_sees_the_batch_at_its_task_and_scale():
    levels = encode(
        Batch(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)), {"count": Count()}, {"count": {}}, 2
    )
    assert [(found.tolist(), task) for found, task in levels.targets["count"]] == [
        ([4, 0], "count"),
        ([8, 1], "count"),
    ]


def made_up_levels(*tasks):
    """Outputs, and levels whose targets they miss by 1 at the coarse scale and by 2 at the fine one."""
    batches = [
        Batch(torch.zeros(2, 3, side, side), torch.zeros(2, 3, side, side), scale=i)
        for i, side in enumerate((4, 8))
    ]
    targets = {task: [batch.sharp + 0.5 for batch in batches] for task in tasks}
    outputs = {task: [t + i + 1 for i, t in enumerate(levels)] for task, levels in targets.items()}
    return outputs, Levels(batches, outputs, targets)


def test_the_objective_is_tasks_by_scales_by_losses():
    seen = []

    class Noting(L1):
        def __call__(self, prediction, target, batch):
            seen.append((batch.task, batch.scale))
            return super().__call__(prediction, target, batch)

    outputs, levels = made_up_levels("image", "gradient")
    terms = [
        term("content", Noting(), ("image", "gradient"), weight=0.5),
        term("fine", L1(), finest_only=True, weight=None),
        term("game", DCGAN()),
    ]
    found = content_terms(outputs, levels, terms, build_criteria(terms, torch.device("cpu")))
    assert {name: value.item() for name, value in found.items()} == {
        "content/image/0": 0.5, "content/image/1": 1.0,
        "content/gradient/0": 0.5, "content/gradient/1": 1.0,
        "fine/image/1": 2.0,
    }  # fmt: skip
    assert seen == [("image", 0), ("image", 1), ("gradient", 0), ("gradient", 1)]


def test_a_balanced_loss_is_a_fifth_of_the_others():
    measured = [
        {"l1/image/0": torch.tensor(1.0), "l1/image/1": torch.tensor(3.0), "vgg/image/1": torch.tensor(300.0)}
    ]
    assert balance(measured * 3, ["vgg"]) == {"vgg": 0.00267}
    with pytest.raises(
        RestorekitError, match="loss 'vgg' is 0 while the others are 1: .*; give it a number as weight"
    ):
        balance([{"l1/image/0": torch.tensor(1.0), "vgg/image/0": torch.tensor(0.0)}], ["vgg"])
