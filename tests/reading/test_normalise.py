"""Lines keep what they say on their own; names, signatures and headings go, findings stay."""

from __future__ import annotations

import pytest

from app.reading.normalise import has_words, length, named, normalised, rewritten, tells


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (
            "1. No pneumothorax\n2. Cardiomegaly\n3. Left effusion",
            "No pneumothorax. Cardiomegaly. Left effusion.",
        ),
        ("FINDINGS: No effusion\nIMPRESSION: Pneumonia", "No effusion. Pneumonia."),
        ("FINDINGS\nNo effusion\nIMPRESSION -\nPneumonia", "No effusion. Pneumonia."),
        ("- no effusion\n- cardiomegaly", "No effusion. Cardiomegaly."),
        ("• no effusion,\n(2) TB", "No effusion. TB."),
        ("No effusion\nCardiomegaly\n\npneumonia", "No effusion. Cardiomegaly. Pneumonia."),
        ("NO PNEUMOTHORAX\nCARDIOMEGALY", "No pneumothorax. Cardiomegaly."),
        ("IMPRESSION: no effusion\ncardiomegaly", "No effusion. Cardiomegaly."),
        ("1. No mass. 2. Pneumonia. 3. Old fracture", "No mass. Pneumonia. Old fracture."),
        ("No effusion?\nPneumonia!", "No effusion? Pneumonia!"),
    ],
)
def test_what_one_line_denies_isnt_denied_by_the_next(raw: str, shown: str) -> None:
    assert normalised(raw) == shown
    assert normalised(shown) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (
            "There is a small effusion on the\nleft side, and the heart is\nbig. No mass",
            "There is a small effusion on the left side, and the heart is big. No mass.",
        ),
        ("FINDINGS:\nNo effusion is\nseen", "No effusion is seen."),
        ("1. No evidence of\n   COPD\n2. Mass", "No evidence of COPD. Mass."),
        ("1. No large effusion\nand no mass\n2. Edema", "No large effusion and no mass. Edema."),
        (
            "THERE IS NO EVIDENCE OF PNEUMOTHORAX OR LARGE PLEURAL\nEFFUSION. HEART NORMAL",
            "There is no evidence of pneumothorax or large pleural effusion. Heart normal.",
        ),
        ("Lungs:\nclear\nHeart: normal", "Lungs: clear. Heart: normal."),
    ],
)
def test_a_line_that_was_only_wrapped_is_not_cut(raw: str, shown: str) -> None:
    assert normalised(raw) == shown


def test_what_a_list_is_denied_together_stays_one_sentence() -> None:
    raw = "No evidence of:\n- pneumothorax\n- effusion\nHeart enlarged"
    assert normalised(raw) == "No evidence of: pneumothorax; effusion. Heart enlarged."


@pytest.mark.parametrize(
    "raw",
    [
        "FINDINGS: heart normal. IMPRESSION: no acute disease.",
        "FINDINGS: heart normal.IMPRESSION:no acute disease.",
        "findings: heart normal. impression: no acute disease",
        "FINDINGS: heart normal IMPRESSION: no acute disease",
        "Findings: Impression: heart normal. Clinical history: no acute disease.",
    ],
)
def test_headings_are_taken_out_wherever_a_part_begins(raw: str) -> None:
    assert normalised(raw) == "Heart normal. No acute disease."


def test_a_heading_that_was_put_into_one_line_by_hand_is_told() -> None:
    found = tells("Heart normal. Impression: no acute disease.")
    assert [tell.kind for tell in found] == ["heading"]
    assert tells("The impression is of a mass. Two findings: a mass and an effusion.") == ()


@pytest.mark.parametrize("raw", ["", "...", "FINDINGS:", "FINDINGS:\nIMPRESSION:\n", " - . ; "])
def test_a_text_without_content_is_empty(raw: str) -> None:
    assert normalised(raw) == ""
    assert not has_words(raw.removeprefix("FINDINGS:\nIMPRESSION:").removeprefix("FINDINGS:"))


def test_figures_at_the_start_keep_their_point() -> None:
    assert normalised("- .5 cm nodule") == ".5 cm nodule."


@pytest.mark.parametrize(
    "raw",
    [
        "No effusion. Dictated by J. Miller MD 12/03/2020 at 14:33.",
        "No effusion.\nDictated by J. Miller, M.D. Radiology Department. 2nd floor",
        "No effusion. Reviewed by Prof. A. B. Smith.",
        "No effusion. Electronically signed by: A. B. Cee, MD on 3 May 2020.",
        "No effusion\nRadiologist: Jane Doe",
        "No effusion\nJohn Smith, MD",
        "John Q. Smith, M.D.\nNo effusion",
        "No effusion. J.R. Miller MD",
        "No effusion\nSmith, Dr.",
        "No effusion. These findings were discussed with Dr. J. Smith by phone at 3 pm.",
    ],
)
def test_a_persons_name_is_found_and_taken_out_with_all_of_its_signature(raw: str) -> None:
    assert {"signature", "name"} & {tell.kind for tell in tells(normalised(raw))}
    assert rewritten(raw)[0] == "No effusion."


@pytest.mark.parametrize(
    "raw",
    [
        "Reviewed by Dr. Smith. Lungs are clear.",
        "Dictated by John Smith, M.D. Lungs are clear.",
        "Lungs are clear.\nDictated by J. Miller, M.D. Radiology Department.",
    ],
)
def test_what_stands_beside_a_signature_stays(raw: str) -> None:
    assert rewritten(raw)[0] == "Lungs are clear."


def test_ordinary_words_are_no_names() -> None:
    text = (
        "The line is 2 m. Drain unchanged. Vitamin D. deficiency, mild. Fracture of ribs 4, 5. "
        "The patient reported pain. Findings signed off. Mr angiography is advised."
    )
    assert tells(normalised(text)) == ()


def test_rewriting_goes_on_until_nothing_is_left_to_take() -> None:
    raw = "FINDINGS: Dr. Smith: chest X-ray showing chest film with a nodule (arrow)"
    new, changes = rewritten(raw)
    assert new == "A nodule."
    assert rewritten(new) == (new, ())
    assert [change.kind for change in changes].count("film") == 2


@pytest.mark.parametrize(
    ("raw", "new"),
    [
        ("Chest X-ray showing a nodule", "A nodule."),
        ("Chest X-ray on admission showed that there is no mass", "There is no mass."),
        ("Chest radiograph with left pleural effusion", "Left pleural effusion."),
        ("Chest X-ray of the patient with dextrocardia", "Dextrocardia."),
        ("X-ray of the thorax. Right side atelectasis", "Right side atelectasis."),
        ("Radiograph of left pneumothorax showing collapse", "Left pneumothorax showing collapse."),
        ("Chest X-ray from 12/23/2020 showing a mass", "A mass."),
    ],
)
def test_the_film_goes_before_what_it_shows(raw: str, new: str) -> None:
    assert rewritten(raw)[0] == new


@pytest.mark.parametrize(
    "raw",
    [
        "Chest x-ray after two days of administration of tocilizumab.",
        "Chest radiograph of patient on arrival in ICU.",
        "Chest x-ray confirming the placement of the central line.",
        "Chest x-ray after chest drainage showing a small lung.",
        "Chest radiograph did not show an effusion.",
        "Chest radiograph without contrast or effusion, showing a mass.",
    ],
)
def test_a_film_stays_where_its_loss_would_cut_or_turn_the_sense_and_is_told(raw: str) -> None:
    assert rewritten(raw) == (raw, ())
    assert [tell.kind for tell in tells(raw)] == ["film"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("双肺清晰，未见实变。心影不大。", "双肺清晰，未见实变。心影不大。"),
        ("双肺清晰,未见实变.心影不大", "双肺清晰，未见实变。心影不大。"),
        ("双肺 清晰， 未见实变。 心影不大", "双肺清晰，未见实变。心影不大。"),
        ("1、双肺清晰\n2、心影不大", "双肺清晰。心影不大。"),
        ("1.双肺清晰;2.心影不大。", "双肺清晰。心影不大。"),
        ("检查所见：双肺清晰。\n印象：心影不大。", "双肺清晰。心影不大。"),
        ("未见胸腔积液\n肺炎", "未见胸腔积液。肺炎。"),
        ("ct示结节，心胸比0.48。", "CT示结节，心胸比0.48."),
    ],
)
def test_a_chinese_text_has_one_look_too(raw: str, shown: str) -> None:
    assert normalised(raw) == shown
    assert normalised(shown) == shown


def test_a_sentence_begins_with_a_capital_whatever_its_letter() -> None:
    assert normalised("herz normal. ödem beidseits") == "Herz normal. Ödem beidseits."


def test_words_are_counted_and_in_chinese_characters() -> None:
    assert length("No effusion - clear.") == 4
    assert length("右肺结节，约3mm。") == 6


def test_a_chinese_name_is_found_however_its_parts_stand() -> None:
    for name in ("张伟", "张 伟", "张, 伟", "Zhang, Wei (张 伟)"):
        assert [tell.text for tell in named("张伟左肺清晰。", [name])] == ["张伟"]
    assert [tell.text for tell in named("Müller: clear.", ["Mu\u0308ller"])] == ["Müller"]


def test_a_chinese_date_is_told() -> None:
    assert [tell.text for tell in tells("2026年3月1日右肺结节。")] == ["2026年3月1日"]
