"""What the labeller reads from sentences: findings, denial, doubt, and where they end."""

from __future__ import annotations

import pytest

from app.errors import AppError
from app.training.labels import (
    CHEXPERT,
    FINDINGS,
    Certainty,
    label,
    mentions,
    no_finding,
    positives,
    targets,
)

PRESENT, UNCERTAIN, ABSENT = Certainty.PRESENT, Certainty.UNCERTAIN, Certainty.ABSENT

WORDS = {
    "Enlarged Cardiomediastinum": "mediastinal widening",
    "Cardiomegaly": "cardiomegaly",
    "Lung Opacity": "basal opacities",
    "Lung Lesion": "a cavitary lesion",
    "Edema": "pulmonary oedema",
    "Consolidation": "lobar consolidation",
    "Pneumonia": "bronchopneumonia",
    "Atelectasis": "left lower lobe collapse",
    "Pneumothorax": "apical pneumothorax",
    "Pleural Effusion": "pleural effusion",
    "Pleural Other": "pleural plaques",
    "Fracture": "rib fractures",
    "Support Devices": "a nasogastric tube",
    "Mass": "a hilar mass",
    "Nodule": "pulmonary nodules",
    "Infiltration": "bilateral infiltrates",
    "Emphysema": "bullous emphysema",
    "Fibrosis": "apical fibrosis",
    "Pleural Thickening": "pleural thickening",
    "Hernia": "a hiatus hernia",
}
FRAMES = {
    PRESENT: (
        "Chest X-ray showing {}",
        "There is {}.",
        "No change in {}.",
        "Not only {} is seen.",
        "No cervical rib. There is {}",
        "No cervical rib but {}.",
        "Lungs without calcification, however {} on the left.",
        "No cervical rib; {}",
    ),
    ABSENT: (
        "No {}.",
        "no evidence of {}",
        "There is no cervical rib, {} or free air.",
        "No cervical rib, no free air and no {}.",
        "Normal bones without {}.",
        "The lungs are free of {}.",
        "Negative for {}",
        "{} is not seen.",
        "The radiograph does not show {}.",
        "{} has resolved completely",
        "{} is no longer visible.",
        "Resolution of {}.",
        "No signs of cervical rib and neither free air nor {}.",
        "Heart with a normal apex but no {}.",
    ),
    UNCERTAIN: (
        "Possible {}.",
        "Changes that may represent {}",
        "findings suspicious for {}",
        "{} cannot be excluded.",
        "Changes suggesting {}.",
        "Follow-up to rule out {}.",
        "{} is suspected.",
        "No cervical rib, but probable {}.",
    ),
}


def test_there_is_a_word_for_every_finding() -> None:
    assert set(WORDS) == set(FINDINGS)
    assert FINDINGS[:13] == CHEXPERT[:13]
    assert CHEXPERT[13] == "No Finding"


@pytest.mark.parametrize("certainty", [PRESENT, ABSENT, UNCERTAIN])
@pytest.mark.parametrize("finding", FINDINGS)
def test_denial_and_doubt_reach_every_finding(finding: str, certainty: Certainty) -> None:
    for frame in FRAMES[certainty]:
        sentence = frame.format(WORDS[finding])
        assert label(sentence).get(finding) is certainty, sentence


@pytest.mark.parametrize("separator", [". ", "; ", "\n", ", but ", " however "])
def test_denial_ends_with_its_clause(separator: str) -> None:
    found = label(f"No pneumothorax or effusion{separator}there is consolidation")
    assert found == {
        "Pneumothorax": ABSENT,
        "Pleural Effusion": ABSENT,
        "Consolidation": PRESENT,
    }


def test_a_new_statement_behind_a_comma_isnt_denied_and_a_list_is() -> None:
    assert label("No pneumothorax, small effusion.")["Pleural Effusion"] is PRESENT
    assert label("No consolidation, large effusion, or nodule.")["Pleural Effusion"] is ABSENT


def test_a_denial_behind_a_list_reaches_all_of_it() -> None:
    found = label("Consolidation, atelectasis, and effusion have cleared.")
    assert set(found.values()) == {ABSENT}
    assert len(found) == 3


def test_a_cue_behind_speaks_of_its_own_sentence_part() -> None:
    found = label("Cardiomegaly is present and effusion is not seen.")
    assert (found["Cardiomegaly"], found["Pleural Effusion"]) == (PRESENT, ABSENT)


def test_alternatives_are_uncertain_and_denied_alternatives_denied() -> None:
    found = label("Atelectasis or consolidation in the left base.")
    assert (found["Atelectasis"], found["Consolidation"]) == (UNCERTAIN, UNCERTAIN)
    assert label("No atelectasis or consolidation.")["Atelectasis"] is ABSENT


@pytest.mark.parametrize(
    ("sentence", "finding", "certainty"),
    [
        ("Heart size is normal.", "Cardiomegaly", ABSENT),
        ("Normal heart size", "Cardiomegaly", ABSENT),
        ("Normal and stable cardiomediastinal contours.", "Enlarged Cardiomediastinum", ABSENT),
        ("The heart is mildly enlarged, pulmonary vessels normal.", "Cardiomegaly", PRESENT),
        ("The heart is not significantly enlarged.", "Cardiomegaly", ABSENT),
        ("The cardiac silhouette is at the upper limits of normal.", "Cardiomegaly", ABSENT),
        ("Heart and mediastinum are within normal limits.", "Enlarged Cardiomediastinum", ABSENT),
        ("There is no mediastinal widening.", "Enlarged Cardiomediastinum", ABSENT),
        ("Widened mediastinum.", "Enlarged Cardiomediastinum", PRESENT),
        ("The mediastinum is stable.", "Enlarged Cardiomediastinum", UNCERTAIN),
        ("A tube over the mediastinum is unchanged.", "Enlarged Cardiomediastinum", None),
        ("The lungs are clear.", "Lung Opacity", ABSENT),
        ("Congestive heart failure.", "Cardiomegaly", None),
    ],
)
def test_a_structure_says_a_finding_by_its_state(
    sentence: str, finding: str, certainty: Certainty | None
) -> None:
    assert label(sentence).get(finding) is certainty


@pytest.mark.parametrize(
    ("sentence", "present"),
    [
        ("left hydropneumothorax", {"Pneumothorax", "Pleural Effusion"}),
        ("Haemopneumothorax on the right", {"Pneumothorax", "Pleural Effusion"}),
        ("subcutaneous emphysema of the neck", set()),
        ("pneumomediastinum and surgical emphysema", set()),
        ("free air under the diaphragm", set()),
        ("fractured catheter", {"Support Devices"}),
        ("port-a-cath in place, tracheostomy, pigtail drain", {"Support Devices"}),
        ("ICD with sternotomy wires", {"Support Devices"}),
        ("white-out of the left lung", {"Lung Opacity"}),
        ("miliary mottling", {"Lung Opacity"}),
        ("large pericardial effusion", set()),
        ("collapse of the eighth vertebra", set()),
        ("calcified granuloma", set()),
        ("blunting of the costophrenic angle", set()),
    ],
)
def test_words_of_captions(sentence: str, present: set[str]) -> None:
    assert positives(sentence) == present


@pytest.mark.parametrize(
    ("sentence", "finding"),
    [
        ("Chest X-ray after drainage of the effusion", "Pleural Effusion"),
        ("History of pneumonia.", "Pneumonia"),
        ("status post resection of a mass", "Mass"),
        ("taken during assessment for acute pneumonia", "Pneumonia"),
    ],
)
def test_what_is_told_and_not_seen_isnt_a_mention(sentence: str, finding: str) -> None:
    assert finding not in label(sentence)


def test_the_strongest_of_several_mentions_holds() -> None:
    text = "No pneumothorax on the right. Possible pneumothorax on the left."
    assert label(text) == {"Pneumothorax": UNCERTAIN}
    assert label(text + " Apical pneumothorax.") == {"Pneumothorax": PRESENT}


def test_mentions_lie_where_the_words_are() -> None:
    text = "The lungs are clear. No effusion; rib fracture at 4.5 cm."
    told = {mention.finding: text[mention.start : mention.end] for mention in mentions(text)}
    assert (told["Pleural Effusion"], told["Fracture"]) == ("effusion", "fracture")


def test_positives_leave_out_doubt_when_asked() -> None:
    text = "Possible pneumonia and definite pneumothorax, no effusion."
    assert positives(text) == {"Pneumonia", "Pneumothorax"}
    assert positives(text, uncertain=False) == {"Pneumothorax"}
    assert positives(text, findings=("Mass", "Pneumonia")) == {"Pneumonia"}


def test_nothing_found_is_said_of_healthy_texts_only() -> None:
    assert no_finding("Heart size normal. Lungs clear. No pleural effusion. Left chest tube.")
    assert no_finding("")
    assert not no_finding("Lungs clear. Tortuous aorta.")
    assert not no_finding("Possible effusion")


def test_targets_come_under_the_names_asked_for() -> None:
    names = ("Effusion", "Pleural_Thickening", "Nodule", "Pneumothorax", "Mass")
    text = "Chest X-ray with pleural thickening, possible effusion and no pneumothorax"
    row = {"Effusion": 1.0, "Pleural_Thickening": 1.0, "Pneumothorax": 0.0}
    assert targets(text, names) == row | {"Nodule": 0.0, "Mass": 0.0}
    assert targets(text, names, silent=None) == row
    assert targets("Normal chest radiograph", names, silent=None) == dict.fromkeys(names, 0.0)
    assert targets("clear lungs", ["No Finding"]) == {"No Finding": 1.0}


def test_an_unknown_finding_is_refused_with_those_that_exist() -> None:
    with pytest.raises(AppError, match="Gallstone"):
        targets("text", ["Gallstone"])
