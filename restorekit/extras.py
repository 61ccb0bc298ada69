"""What is installed only on request: the extras of the package, and what each adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from restorekit.errors import RestorekitError


@dataclass(frozen=True)
class Extra:
    """A part of restorekit that needs packages beyond those of a plain installation.

    Attributes:
        adds: What it adds, in a few words.
        modules: What it is imported as.
    """

    adds: str
    modules: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The modules that are not installed."""
        return [name for name in self.modules if not installed(name)]


EXTRAS = {
    "train": Extra(
        "training, evaluation, export, import, and models without a graph",
        ("torch", "timm", "albumentations", "scipy", "skimage"),
    ),
    "classical": Extra("methods without learning, such as wiener", ("scipy", "skimage")),
    "codecs": Extra("more compressions of TIFF, and JPEG of 12 bits", ("imagecodecs",)),
    "datasets": Extra("the source hub, data sets of the Hub", ("datasets",)),
    "demo": Extra("the page in a browser", ("starlette", "uvicorn")),
    "heif": Extra("HEIC pictures", ("pillow_heif",)),
    "jxl": Extra("JPEG XL pictures", ("pillow_jxl", "brotli")),
    "onnx": Extra("writing graphs and ONNX files, beside torch", ("onnx", "onnxscript")),
    "plots": Extra("plots of evaluations", ("matplotlib",)),
    "ray": Extra("pictures restored on many machines, by Ray", ("ray",)),
    "raw": Extra("camera raw", ("rawpy",)),
    "spandrel": Extra("networks of the spandrel library", ("spandrel",)),
    "tensorboard": Extra("the tracker tensorboard", ("tensorboard",)),
    "trackio": Extra("the tracker trackio", ("trackio",)),
    "video": Extra("clips", ("av",)),
    "wandb": Extra("the tracker wandb", ("wandb",)),
    "webdataset": Extra("the source webdataset", ("webdataset",)),
}
"""The extras, by the name that pip takes in brackets."""


def installed(module: str) -> bool:
    """Whether a module could be imported; it is not."""
    return find_spec(module) is not None


def need(extra: str, what: str, *modules: str) -> None:
    """See that an extra is there, before anything is done.

    Args:
        extra: Its name.
        what: What needs it, as the beginning of a sentence.
        modules: Those of its modules that are needed; all, if none is named.

    Raises:
        RestorekitError: It is not.
    """
    if missing := [name for name in modules or EXTRAS[extra].modules if not installed(name)]:
        raise RestorekitError(f"{what} needs {', '.join(missing)}", install(extra))


def install_of(modules: Sequence[str]) -> str:
    """Say what to run for modules: the smallest extra that has them all, or pip by their names."""
    having = [name for name, extra in EXTRAS.items() if {*modules} <= {*extra.modules}]
    smallest = min(having, key=lambda name: len(EXTRAS[name].modules), default=None)
    return f"pip install {' '.join(modules)}" if smallest is None else install(smallest)


def install(extra: str) -> str:
    """Say what to run for an extra."""
    return f"pip install 'restorekit[{extra}]'"
