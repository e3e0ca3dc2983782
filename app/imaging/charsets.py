"""Which characters a file's words are in, where it doesn't say so or says it wrongly."""

from __future__ import annotations

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.imaging.dicom_tags import text

_WORDS = tuple(
    Tag(keyword)
    for keyword in ("PatientName", "PatientID", "StudyDescription", "SeriesDescription")
)
_SEVERAL_BYTES = ("GB18030", "GBK", "ISO 2022")
_SINGLE_BYTE = frozenset({100, 101, 109, 110, 144, 127, 126, 138, 148, 166, 203, 13})
"""Numbers of the ISO_IR sets with one byte per character (PS3.3 C.12.1.1.2)."""


def guessed(data: Dataset) -> str | None:
    """Return Python's name of the encoding to read by instead of the declared one; None: that one.

    Judged from names and descriptions as they stand in the file. UTF-8 has a form that no other
    text takes by chance; GB2312 is taken where nothing is declared and every letter is a pair.
    """
    found = b" ".join(_raw(data))
    if found.isascii() or b"\x1b" in found:
        return None
    declared = text(data, "SpecificCharacterSet").upper()
    if any(name in declared for name in _SEVERAL_BYTES):
        return None
    if _reads(found, "utf-8"):
        return "utf8"
    if "192" in declared or "UTF" in declared:
        return "latin_1"
    if any(
        f"IR {number}" in declared.replace("-", " ").replace("_", " ") for number in _SINGLE_BYTE
    ):
        return None
    return "gb18030" if _reads(found, "gb2312") else None


def _raw(data: Dataset) -> list[bytes]:
    elements = [data.get_item(tag) for tag in _WORDS if tag in data]
    values = [one.value for one in elements if isinstance(one, RawDataElement)]
    return [value for value in values if isinstance(value, bytes)]


def _reads(found: bytes, encoding: str) -> bool:
    try:
        found.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
