"""XMP packets: what the picture no longer is taken out of them, and long ones cut for JPEG and joined again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from restorekit.images.jpeg import APP1, SEGMENT, Segment

HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_SHORT = SEGMENT - len(HEAD)
_PART = SEGMENT - len(_MORE) - 40

# A packet may be anybody's and long: what repeats in a pattern has an end, so that no search is quadratic.
_ID = re.compile(rb"""\s?xmpNote:HasExtendedXMP\s{0,9}=\s{0,9}["']([0-9A-Fa-f]{32})["']""")
_UP = re.compile(rb"""(tiff:Orientation(?:\s{0,9}=\s{0,9}["']|>))[2-8]""")
_SAID = re.compile(
    rb"""\s(?:hdrgm:\w{1,64}|GCamera:(?:MotionPhoto|MicroVideo)\w{0,64})\s{0,9}=\s{0,9}(?:"[^"]{0,999}"|'[^']{0,999}')"""
)
_LISTED = re.compile(rb"<(hdrgm:\w{1,64}|G?Container:Directory)\b")
"""What promises gain maps and films behind the picture, which are left there: as attributes, and as elements."""
_NOTHING = re.compile(
    rb"""<rdf:RDF\b[^>]{0,999}>\s{0,9}<rdf:Description\s{1,9}rdf:about=["']["'](?:\s{0,9}xmlns:xmpNote=["'][^"']{0,99}["'])?"""
    rb"""\s{0,9}/>\s{0,9}</rdf:RDF"""
)
"""A packet that says no more than where the rest is."""
_DECLARED = re.compile(rb"""(xmlns:\w{1,64})\s{0,9}=\s{0,9}("[^"]{0,999}"|'[^']{0,999}')""")
_NAMESPACES, _GROWTH = 100, 2**24
"""Prefixes that are declared again, and bytes that this may add."""
_STATEMENT = re.compile(rb"<rdf:Description\b([^<>]*)")


def settled(packet: bytes) -> tuple[bytes, bool]:
    """Make a packet say of a picture that it is upright and alone in its file.

    Returns:
        The packet, and whether it promised a gain map or a film behind the picture.
    """
    packet = _UP.sub(rb"\g<1>1", packet)
    alone = _without_lists(_SAID.sub(b"", packet))
    return alone, alone != packet


def _without_lists(packet: bytes) -> bytes:
    kept, place = [], 0
    while (found := _LISTED.search(packet, place)) is not None:
        inside = packet.find(b">", found.end()) + 1
        end = inside
        if inside and packet[inside - 2 : inside] != b"/>":
            close = b"</" + found[1] + b">"
            end = packet.find(close, inside) + len(close)
        if end < inside or not inside:
            break  # it has no end
        kept.append(packet[place : found.start()])
        place = end
    return b"".join([*kept, packet[place:]])


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
    begin, end = more.find(b"<rdf:RDF"), main.rfind(b"</rdf:RDF")
    begin, last = more.find(b">", begin) + 1, more.rfind(b"</rdf:RDF")
    if not 0 < begin <= last or end < 0 or hashlib.md5(more).hexdigest().upper().encode() != named[1].upper():
        return main
    if _NOTHING.search(main):
        return more
    return main[:end] + _declaring(more[:begin], more[begin:last]) + main[end:]


def _declaring(around: bytes, statements: bytes) -> bytes:
    """Give the statements the prefixes that are declared around them."""
    declared = dict(_DECLARED.findall(around))
    declared.pop(b"xmlns:rdf", None)
    size = sum(len(name) + len(value) + 2 for name, value in declared.items())
    if len(declared) > _NAMESPACES or size * statements.count(b"<rdf:Description") > _GROWTH:
        return statements

    def new(found: re.Match[bytes]) -> bytes:
        more = (b" %b=%b" % pair for pair in declared.items() if pair[0] not in found[1])  # nothing twice
        return b"".join([b"<rdf:Description", *more, found[1]])

    return _STATEMENT.sub(new, statements)


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
