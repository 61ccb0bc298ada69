"""What the page says, in words for people: no keys of a framing, no numbers of pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from restorekit.errors import RestorekitError, brief
from restorekit.framing import Part
from restorekit.restore.draft import CHOSEN, Draft, Restored

_NICER = {"sharp": "already sharp", CHOSEN: "as you chose"}


def of_part(part: Part, forced: bool, done: bool) -> str:
    """Say what becomes of a part.

    Args:
        part: As it was decided.
        forced: Whether somebody chose to have it restored.
        done: Whether it is done already.
    """
    if part.left:
        return f"left as it was: {_NICER.get(part.left, part.left)}"
    if not done:
        return "will be restored"
    return "restored, as you chose" if forced else "restored"


def of_photo(draft: Draft, restored: Restored, noun: str, ways: Mapping[str, str]) -> list[str]:
    """Say what became of a photo.

    Args:
        draft: What was decided of it.
        restored: What was made of it.
        noun: What its parts are called, in the plural; may be empty.
        ways: For ``key=value`` of the framing the way of the page that sets it.
    """
    said = [_became(draft, restored, noun or "parts")]
    tip = next((way for key, way in ways.items() if any(key in note for note in restored.notes)), None)
    if tip and not restored.changed:
        said.append(f"To restore it all the same, choose \u201c{tip}\u201d.")
    if restored.changed:
        said += [f"{note[:1].upper()}{note[1:]}." for note in draft.picture.notes]
    return [brief(line, 500) for line in said]


def of_error(error: Exception, folder: str) -> str:
    """Say why a photo failed; hints that name options are for the command alone."""
    if isinstance(error, RestorekitError):
        hint = "" if "--" in error.hint or "=" in error.hint else error.hint
        words = f"{error.message}; {hint}" if hint else error.message
    elif isinstance(error, OSError):
        words = f"cannot be kept ({error.strerror})"
    else:
        words = "something went wrong"
    return brief(words.replace(folder, ""), 500)


def _became(draft: Draft, restored: Restored, noun: str) -> str:
    one = noun.removesuffix("s")
    if draft.looked and restored.parts:
        return " ".join([_counted(restored.parts, noun, one), *map(_around, restored.others)])
    whole = "the whole photo was restored" if restored.changed else "the photo is left as it was"
    why = next((part.left for part in restored.parts or draft.parts if part.left), "")
    if why and not restored.changed:
        whole += f": {_NICER.get(why, why)}"
    if draft.looked:
        return f"No {one} was found, {'so' if restored.changed else 'and'} {whole}."
    if not draft.parts:
        return f"This machine cannot look for {noun} yet, so {whole}."
    return f"{whole[0].upper()}{whole[1:]}."


def _around(part: Part) -> str:
    return f"All around was left as it was: {part.left}." if part.left else "All around was restored."


def _counted(parts: Sequence[Part], noun: str, one: str) -> str:
    done = sum(not part.left for part in parts)
    if len(parts) == 1:
        return f"One {one} was found and restored." if done else f"The {one} was left as it was."
    if done in (0, len(parts)):
        all_of_them = "Both" if len(parts) == 2 else f"All {len(parts)}"
        return f"{all_of_them} {noun} were {'restored' if done else 'left as they were'}."
    return f"{done} of {len(parts)} {noun} {'was' if done == 1 else 'were'} restored."
