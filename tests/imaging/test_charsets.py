"""Names in every script, under their own name, another or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from dicom_files import data_set, write

from app.imaging.dicom import read_header
from app.imaging.person_name import as_written

KOREAN = "Hong^Gildong=\x1b$)C洪^\x1b$)C吉洞=\x1b$)C홍^\x1b$)C길동"


@pytest.mark.parametrize(
    ("declared", "encoding", "name", "shown"),
    [
        ("ISO_IR 100", "latin-1", "Müller^Jörg", "Müller, Jörg"),
        ("ISO_IR 101", "iso8859-2", "Dvořák^Ján", "Dvořák, Ján"),
        ("ISO_IR 144", "iso8859-5", "Иванов^Пётр", "Иванов, Пётр"),
        ("ISO_IR 126", "iso8859-7", "Διονυσιος^Α", "Διονυσιος, Α"),
        ("ISO_IR 13", "shift_jis", "ﾔﾏﾀﾞ^ﾀﾛｳ", "ﾔﾏﾀﾞ, ﾀﾛｳ"),
        ("GB18030", "gb18030", "张^三", "张, 三"),
        ("GBK", "gbk", "张^三", "张, 三"),
        ("\\ISO 2022 IR 149", "euc_kr", KOREAN, "Hong, Gildong (洪 吉洞)"),
        # wrongly declared, or not at all
        ("", "utf-8", "张^三", "张, 三"),
        ("ISO_IR 100", "utf-8", "张^三", "张, 三"),
        ("KLINGON", "utf-8", "Müller^Jörg", "Müller, Jörg"),
        ("ISO_IR 192", "latin-1", "Müller^Jörg", "Müller, Jörg"),
        ("ISO_IR 6", "latin-1", "Müller^Jörg", "Müller, Jörg"),
        ("ISO-IR 100", "latin-1", "Müller^Jörg", "Müller, Jörg"),
        ("", "gb2312", "张^三", "张, 三"),
    ],
)
def test_a_name_is_read_as_it_was_written(
    tmp_path: Path, declared: str, encoding: str, name: str, shown: str
) -> None:
    known = "\\ISO 2022 IR 149"  # as long as any other
    path = write(
        tmp_path / "a", data_set(SpecificCharacterSet=["", known[1:]], PatientName="N" * 60)
    )
    raw = path.read_bytes()
    assert raw.count(known.encode()) == 1
    raw = raw.replace(known.encode(), declared.encode().ljust(16))
    path.write_bytes(raw.replace(b"N" * 60, name.encode(encoding).ljust(60)))
    assert read_header(path)[0].name == shown


@pytest.mark.parametrize(
    "name", ["Doe^Jane^M^Dr.", "Yamada^Tarou=山田^太郎=やまだ^たろう", "=洪^吉洞", "", "^^^^"]
)
def test_a_name_that_is_written_already_is_left_alone(name: str) -> None:
    written = as_written(name)
    assert "^" not in written
    assert "=" not in written
    assert as_written(written) == written
