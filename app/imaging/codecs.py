"""Which DICOM transfer syntaxes can be decoded here, and by what."""

from __future__ import annotations

from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

SYNTAXES: dict[str, uid.UID] = {
    "JPEG baseline": uid.JPEGBaseline8Bit,
    "JPEG extended, 12 bit": uid.JPEGExtended12Bit,
    "JPEG lossless": uid.JPEGLosslessSV1,
    "JPEG-LS lossless": uid.JPEGLSLossless,
    "JPEG-LS near-lossless": uid.JPEGLSNearLossless,
    "JPEG 2000 lossless": uid.JPEG2000Lossless,
    "JPEG 2000": uid.JPEG2000,
    "RLE lossless": uid.RLELossless,
}
"""The compressed syntaxes that radiographs come in (PS3.5 8.2)."""


def codecs() -> dict[str, tuple[str, ...]]:
    """Name of the syntax → the plugins that can decode it; empty where none can."""
    return {name: get_decoder(syntax).available_plugins for name, syntax in SYNTAXES.items()}
