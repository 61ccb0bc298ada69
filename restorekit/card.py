"""The model card: what a bundle was trained on, how, and under what terms; for people and for the Hub."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from restorekit.errors import BundleError, RestorekitError
from restorekit.plugins import registry
from restorekit.recipe.component import make_component

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

VALIDATION = "PSNR in dB of float images, all channels, under the recipe's own degradations"

_ENOUGH = 2**20
"""Characters of someone else's card that are read; its metadata come first."""

_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_MARK = "\n<!-- restorekit: sha256 of all above {} -->\n"
_MARKS = re.compile(re.escape(_MARK).replace(r"\{\}", "([0-9a-f]{64})"))


def model_card(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Write README.md for a bundle, from its config.json and metrics.json; the latter may be empty."""
    lines = [f"# {config['name']}", "", *(_imported(config) if "imported" in config else _trained(config))]
    if validation := metrics.get("validation"):
        lines += [
            f"- Validation while training: PSNR {validation['psnr']:.2f} dB, where the degraded images have "
            f"{validation['psnr_input']:.2f} dB ({VALIDATION})",
        ]
    lines += [
        "",
        "Use: `restorekit restore photo.jpg --model` and this folder, or the name of this repository.",
    ]
    return _card(_metadata(config, metrics), "\n".join([*lines, ""]))


def _trained(config: Mapping[str, Any]) -> list[str]:
    terms = config["license"] or "not stated: ask whoever trained it before you use it"
    degradations = ", ".join(step["type"] for step in config["degradation"]) or "none"
    return [
        f"A `{config['network']['type']}` network trained by restorekit {config['restorekit']}.",
        "",
        f"- Tasks: {', '.join(task['type'] for task in config['tasks'])}",
        f"- Training images: source `{config['data']['type']}`, crop `{config['geometry']['crop']}`, "
        f"{config['geometry']['size']} px",
        f"- Degradations: {degradations} (all settings in recipe.toml)",
        f"- Trained for: {', '.join(_remedies(config)) or 'not known'}",
        f"- Steps: {config['steps']}",
        f"- Licence of the training images, which limits this model: {terms}",
    ]


def _imported(config: Mapping[str, Any]) -> list[str]:
    terms = config["license"] or "not stated: ask whoever trained them before you use them"
    origin = config["imported"]
    return [
        f"A `{config['network']['type']}` network, whose weights were trained elsewhere and imported by restorekit "
        f"{config['restorekit']}.",
        "",
        f"- Imported from: `{origin['file']}`, SHA-256 {origin['sha256']}",
        f"- Licence of the weights, as stated by whoever imported them: {terms}",
    ]


def complete_card(text: str, config: Mapping[str, Any], metrics: Mapping[str, Any], license: str) -> str:
    """Give a card the metadata that it lacks, and what is measured by now; what else a person wrote stays.

    Args:
        text: The card.
        config: The bundle's config.json.
        metrics: Its metrics.json; may be empty.
        license: The Hub's id of the licence, such as cc-by-nc-4.0.

    Raises:
        BundleError: Its metadata cannot be read, or name another licence.
    """
    from huggingface_hub import ModelCard

    try:
        card = ModelCard(_MARKS.sub("", text))
        own = card.data.to_dict()
    except Exception as error:  # yaml's errors, and the client's own
        reason = " ".join(str(error).split())
        raise BundleError(f"README.md has metadata that cannot be read: {reason}", "correct it") from None
    if own.get("license", license) != license:
        raise BundleError(f"README.md says license {own['license']}, not {license}", "make them agree")
    made = _metadata(config, metrics) | {"license": license}
    measured = {key: made[key] for key in ("metrics", "model-index", "restorekit") if key in made}
    return _card(made | own | measured, card.text.lstrip("\n"))


def is_unedited(text: str) -> bool:
    """Whether a card is as restorekit wrote it, to the last character."""
    above, digest, below = _MARKS.split(text, maxsplit=1) if _MARKS.search(text) else (text, "", "")
    return not below and digest == _digest(above)


def provider(card: Path, kind: str, name: str) -> str | None:
    """Return the distribution that provides a component, if a card says so; anybody may have written it.

    Args:
        card: The card's file; need not exist.
        kind: The kind of component (``network``).
        name: What it is registered as.
    """
    from huggingface_hub import ModelCard

    try:
        if not card.is_file():  # a pipe would be waited for
            return None
        with card.open(encoding="utf-8") as file:
            data = ModelCard(file.read(_ENOUGH), ignore_metadata_errors=True).data
        owner = data.get("restorekit")["components"][kind][name]
    except Exception:  # whatever is wrong with it, it does not say so
        return None
    return owner if isinstance(owner, str) and _DISTRIBUTION.fullmatch(owner) else None


def _card(metadata: Mapping[str, Any], text: str) -> str:
    from huggingface_hub import ModelCardData

    written = f"---\n{ModelCardData(**metadata).to_yaml()}\n---\n\n{text}"
    return written + _MARK.format(_digest(written))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _metadata(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The Hub's keys, and one of our own: which plugin distribution provides which component."""
    from huggingface_hub import ModelCardData

    data = config.get("data", {})
    used = {
        "network": [config["network"]],
        "task": config["tasks"],
        "degradation": config.get("degradation", []),
    }
    components = {
        kind: {
            table["type"]: registry(kind).entry(table["type"]).owner
            for table in tables
            if table["type"] in registry(kind)
        }
        for kind, tables in used.items()
    }
    results = list(_results(config, metrics))
    made: dict[str, Any] = ModelCardData(
        library_name="restorekit",
        pipeline_tag="image-to-image",
        tags=["restorekit", "image-restoration", *_remedies(config)],
        datasets=[data["repo"]] if data.get("type") == "hub" else None,
        metrics=sorted({result.metric_type for result in results}) or None,
        model_name=config["name"],
        eval_results=results,
        restorekit={"version": config["restorekit"], "components": components},
    ).to_dict()
    return made


def _remedies(config: Mapping[str, Any]) -> list[str]:
    """What the model learnt to do, by the degradations that it was trained on, as far as they are installed."""
    found: dict[str, None] = {}
    for table in config.get("degradation", []):
        options = {key: value for key, value in table.items() if key not in ("type", "p")}
        try:
            found |= dict.fromkeys(make_component("degradation", table["type"], options).remedies)
        except (RestorekitError, ValidationError):
            continue  # a card is written also where its plugin is missing
    return list(found)


def _results(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> Iterator[EvalResult]:
    """One result for each metric of each test set, with what the degraded pictures score and what is measured."""
    from huggingface_hub import EvalResult

    if validation := metrics.get("validation"):
        yield EvalResult(
            task_type="image-to-image",
            dataset_type=config["data"]["type"],
            dataset_name="validation while training",
            dataset_split="validation",
            metric_type="psnr",
            metric_value=validation["psnr"],
            metric_args={"input": validation["psnr_input"], "definition": VALIDATION},
        )
    for name, result in metrics.get("evaluate", {}).items():
        count = f": {result['pairs']} pairs" if "pairs" in result else ""
        for metric in registry("metric"):
            before, after = (
                result.get(metric.name, {}).get(when, {}).get("mean") for when in ("input", "output")
            )
            if after is not None:  # measured, and a finite number
                yield EvalResult(
                    task_type="image-to-image",
                    dataset_type=name,
                    dataset_name=f"{name}{count} of restorekit evaluate",
                    dataset_args=result.get("protocol"),
                    metric_type=metric.name,
                    metric_value=round(after, 4),
                    metric_args={
                        "input": None if before is None else round(before, 4),
                        "definition": make_component("metric", metric.name, {}).definition,
                    },
                )
