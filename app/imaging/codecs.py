"""Which DICOM transfer syntaxes can be decoded here, and by what."""

from __future__ import annotations

from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

SYNTAXES: dict[str, uid.UID] = {
    "JPEG baseline": uid.JPEGBaseline8Bit,
    "JPEG extended, 12 bit": uid.JPEGExtended12Bit,
    "JPEG lossless": uid.JPEGLosslessSV1,
    "JPEG lossless, process 14": uid.JPEGLossless,
    "JPEG-LS lossless": uid.JPEGLSLossless,
    "JPEG-LS near-lossless": uid.JPEGLSNearLossless,
    "JPEG 2000 lossless": uid.JPEG2000Lossless,
    "JPEG 2000": uid.JPEG2000,
    "HTJ2K lossless": uid.HTJ2KLossless,
    "HTJ2K lossless, RPCL": uid.HTJ2KLosslessRPCL,
    "HTJ2K": uid.HTJ2K,
    "RLE lossless": uid.RLELossless,
}
"""The compressed syntaxes that radiographs come in (PS3.5 8.2)."""


PLUGINS: dict[str, tuple[str, ...]] = {
    uid.RLELossless: ("pydicom",),
    uid.JPEGBaseline8Bit: ("pillow",),
    uid.JPEGExtended12Bit: ("pillow",),
    uid.JPEGLSLossless: ("pyjpegls",),
    uid.JPEGLSNearLossless: ("pyjpegls",),
    uid.JPEG2000Lossless: ("pylibjpeg",),
    uid.JPEG2000: ("pylibjpeg",),
    uid.HTJ2KLossless: ("pylibjpeg",),
    uid.HTJ2KLosslessRPCL: ("pylibjpeg",),
    uid.HTJ2K: ("pylibjpeg",),
}
"""Decoders to try in this order, where pydicom's own choice would be unsafe: on a damaged stream
gdcm's JPEG 2000 ends the whole process, and pylibjpeg's RLE panics past every except."""

RESOLUTIONS = frozenset(
    {
        uid.JPEG2000Lossless,
        uid.JPEG2000,
        uid.HTJ2KLossless,
        uid.HTJ2KLosslessRPCL,
        uid.HTJ2K,
    }
)
"""Syntaxes whose codestreams hold a picture at several sizes."""

STANDS_FOR: dict[str, uid.UID] = {
    uid.JPEG2000MCLossless: uid.JPEG2000Lossless,
    uid.JPEG2000MC: uid.JPEG2000,
}
"""Part 2 of JPEG 2000 joins several components; where there is one, it is a plain stream."""

FILMS = frozenset(
    {uid.UID(f"1.2.840.10008.1.2.4.{last}") for last in range(100, 109)}
    | {uid.UID(f"1.2.840.10008.1.2.4.{last}.1") for last in range(100, 107)}
)
"""MPEG-2, MPEG-4 and HEVC, whole and in fragments (PS3.5 A.4.5 to A.4.11)."""

NEWER: dict[str, str] = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}
"""Names of syntaxes that pydicom's dictionary lacks."""


def codecs() -> dict[str, tuple[str, ...]]:
    """Name of the syntax → the installed plugins that decode it here; empty where none does."""
    found: dict[str, tuple[str, ...]] = {}
    for name, syntax in SYNTAXES.items():
        installed = get_decoder(syntax).available_plugins
        trusted = PLUGINS.get(syntax, installed)
        if syntax == uid.JPEGExtended12Bit:
            trusted = (*trusted, "gdcm")  # for more than eight bits, see app.imaging.jpeg
        found[name] = tuple(plugin for plugin in trusted if plugin in installed)
    return found
