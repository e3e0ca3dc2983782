"""Which DICOM transfer syntaxes can be decoded here, and by what."""

from __future__ import annotations

import imagecodecs
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
"""pydicom's plug-ins for RLE, JPEG baseline and colour, where its own choice would be unsafe.

On a damaged stream GDCM ends the whole process, and pylibjpeg's RLE panics past every except. Gray
frames of the other syntaxes are decoded by :mod:`app.imaging.jpeg`.
"""

_OWN: dict[str, str] = {
    uid.JPEGExtended12Bit: "JPEG8",
    uid.JPEGLosslessSV1: "JPEG8",
    uid.JPEGLossless: "JPEG8",
    uid.JPEGLSLossless: "JPEGLS",
    uid.JPEGLSNearLossless: "JPEGLS",
    uid.JPEG2000Lossless: "JPEG2K",
    uid.JPEG2000: "JPEG2K",
    uid.HTJ2KLossless: "JPEG2K",
    uid.HTJ2KLosslessRPCL: "JPEG2K",
    uid.HTJ2K: "JPEG2K",
}
"""Syntax → the part of imagecodecs that decodes its gray frames."""

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
    """Name of the syntax → what decodes it here, gray before colour; empty where nothing does."""
    found: dict[str, tuple[str, ...]] = {}
    for name, syntax in SYNTAXES.items():
        installed = get_decoder(syntax).available_plugins
        plugins = tuple(plugin for plugin in PLUGINS.get(syntax, ()) if plugin in installed)
        own = _OWN.get(syntax)
        there = own is not None and getattr(imagecodecs, own).available
        found[name] = (("imagecodecs",) if there else ()) + plugins
    return found
