"""XMP packets: what the picture no longer is taken out of them, and long ones cut for JPEG and joined again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from restorekit.images.jpeg import APP1, SEGMENT, Segment

HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_ID = re.compile(rb"""\s*xmpNote:HasExtendedXMP\s*=\s*["']([0-9A-Fa-f]{32})["']""")
_RDF = re.compile(rb"<rdf:RDF\b[^>]*>(.*)</rdf:RDF\s*>", re.DOTALL)
_NOTHING = re.compile(
    rb"""<rdf:RDF\b[^>]*>\s*<rdf:Description\s+rdf:about=["']["'](?:\s*xmlns:xmpNote=["'][^"']*["'])?\s*/>\s*</rdf:RDF"""
)
"""A packet that says no more than where the rest is."""

_SHORT = SEGMENT - len(HEAD)
_PART = SEGMENT - len(_MORE) - 40
_PROMISES = re.compile(
    rb"""\s(?:hdrgm:\w+|GCamera:(?:MotionPhoto|MicroVideo)\w*)\s*=\s*(?:"[^"]*"|'[^']*')"""
    rb"""|<(hdrgm:\w+|(?:Container|GContainer):Directory)\b[^>]*?(?:/>|>.*?</\1\s*>)""",
    re.DOTALL,
)
"""Of what stands behind the picture in its file, and is left there: gain maps and films, by attribute or element."""


def settled(packet: bytes) -> tuple[bytes, bool]:
    """Make a packet say of a picture that it is upright and alone in its file.

    Returns:
        The packet, and whether it promised a gain map or a film behind the picture.
    """
    packet = re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>))[2-8]", rb"\g<1>1", packet)
    alone = _PROMISES.sub(b"", packet)
    return alone, alone != packet


def joined(found: Sequence[Segment]) -> bytes | None:
    """Give the packet of a JPEG file, the statements of its second part among those of the first."""
    bodies = [each.body for each in found if each.marker == APP1]
    main = next((body[len(HEAD) :] for body in bodies if body.startswith(HEAD)), None)
    if main is None or (named := _ID.search(main)) is None:
        return main
    parts: dict[int, bytes] = {}
    start = len(_MORE)
    for body in bodies:
        if body.startswith(_MORE) and body[start : start + 32].upper() == named[1].upper():
            parts[int.from_bytes(body[start + 36 : start + 40], "big")] = body[start + 40 :]
    more = b"".join(parts[place] for place in sorted(parts))
    main = main.replace(named[0], b"")
    statements = _RDF.search(more)
    end = main.rfind(b"</rdf:RDF")
    if statements is None or end < 0 or hashlib.md5(more).hexdigest().upper().encode() != named[1].upper():
        return main
    if _NOTHING.search(main):
        return more
    return main[:end] + _namespaces(more, statements[1]) + main[end:]


def _namespaces(packet: bytes, statements: bytes) -> bytes:
    """Give the statements the prefixes that their packet declares around them."""
    around = packet[: packet.find(statements)]
    declared = dict(re.findall(rb"""(xmlns:\w+)\s*=\s*("[^"]*"|'[^']*')""", around))
    text = b"".join(b" " + name + b"=" + value for name, value in declared.items() if name != b"xmlns:rdf")
    return re.sub(rb"<rdf:Description\b", lambda found: found[0] + _new(text, found, statements), statements)


def _new(text: bytes, found: re.Match[bytes], statements: bytes) -> bytes:
    """Leave out what an element declares itself, as nothing may be declared twice."""
    own = statements[found.end() : statements.find(b">", found.end())]
    pairs = re.findall(rb"""(\s(xmlns:\w+)=(?:"[^"]*"|'[^']*'))""", text)
    return b"".join(pair for pair, name in pairs if name not in own)


def cut(packet: bytes) -> list[bytes]:
    """Give the bodies of the segments that hold a packet: a long one as an extended one, with a note that names it."""
    if len(packet) <= _SHORT:
        return [HEAD + packet]
    name = hashlib.md5(packet).hexdigest().upper().encode()
    note = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="'
        + name
        + b'"/></rdf:RDF></x:xmpmeta>'
    )
    bodies = [HEAD + note]
    for place in range(0, len(packet), _PART):
        head = _MORE + name + len(packet).to_bytes(4, "big") + place.to_bytes(4, "big")
        bodies.append(head + packet[place : place + _PART])
    return bodies
