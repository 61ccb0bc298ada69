"""Whether the tensors of a checkpoint fill a network, by name and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from restorekit.errors import RestorekitError, brief
from restorekit.tensors import Stated, misfits

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Report:
    """What became of a checkpoint's keys.

    Attributes:
        matched: How many are the network's own, of the right shape and type.
        renamed: How many of those had another name.
        misfits: A line for each tensor of the network that is missing, or of another shape or type.
        unused: Keys that the network has no place for.
    """

    matched: int
    renamed: int
    misfits: Sequence[str]
    unused: Sequence[str]

    def lines(self) -> list[str]:
        """The report, for people."""
        counts = (
            f"keys: {self.matched} matched ({self.renamed} of them renamed), {len(self.misfits)} missing"
            f" or of another shape, {len(self.unused)} unused"
        )
        return [counts, *listed(self.misfits, "  "), *listed(self.unused, "  unused ")]


def listed(names: Sequence[str], before: str, most: int = 20) -> list[str]:
    """Write a name on each line, and how many more there are."""
    more = [f"{before}... and {len(names) - most} more"] if len(names) > most else []
    return [before + brief(name) for name in names[:most]] + more


def renamed(tensors: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """Give tensors their new names: that of the whole key, else that of the longest prefix which is named.

    Raises:
        RestorekitError: A name is not there to be changed, or two keys would have the same.
    """
    result: dict[str, Tensor] = {}
    used: set[str] = set()
    for key, tensor in tensors.items():
        prefixes = [old for old in names if (old == "" or old.endswith(".")) and key.startswith(old)]
        old = key if key in names else max(prefixes, key=len, default=None)
        new = key
        if old is not None:
            used.add(old)
            new = names[old] + key.removeprefix(old)
        if new in result:
            raise RestorekitError(f"two keys would be called '{brief(new)}'", "fix [keys] of the map")
        result[new] = tensor
    idle = [old for old in names if old not in used]
    if idle:
        raise RestorekitError(
            f"no key of the weights is, or begins with, '{brief(idle[0])}'", "fix [keys] of the map"
        )
    return result


def fit(module: nn.Module, before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> Report:
    """Compare tensors with a module.

    Args:
        module: The module; may be on the meta device.
        before: The tensors under their old names.
        after: The same under their new ones.
    """
    wanted = module.state_dict()
    faults = misfits(module, {key: Stated.of(value) for key, value in after.items()})
    old = {id(value): key for key, value in before.items()}
    own = [key for key in after if key in wanted]
    matched = [key for key in own if Stated.of(after[key]).fits(Stated.of(wanted[key]))]
    return Report(
        matched=len(matched),
        renamed=sum(old[id(after[key])] != key for key in matched),
        misfits=faults,
        unused=[old[id(value)] for key, value in after.items() if key not in wanted],
    )
