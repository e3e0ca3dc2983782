"""What known collections ask of weights that learned from them, and what they pass on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """collection  its name and source
    terms       its licence, in a few words
    condition   what follows for the weights, a whole sentence; "" when nothing beyond naming it
    weakness    how its pictures and texts differ from a hospital's, which a model inherits
    """

    collection: str
    terms: str
    condition: str = ""
    weakness: str = ""


LICENCES: Mapping[str, Licence] = {
    "roco": Licence(
        "ROCOv2 (Rückert et al. 2024), chest radiographs and captions of open-access papers",
        "images CC BY or CC BY-NC, collection **CC BY-NC-SA 4.0**",
        "Because of ROCOv2 these weights are **for research only, not for commercial use**; "
        "whoever passes them on names it and keeps these terms.",
        "ROCOv2's captions tell what a paper shows: rare diseases, hardly ever a normal study; "
        "some pictures are lateral, cropped, or hold arrows and letters.",
    ),
    "nih": Licence(
        "ChestX-ray14 (Wang et al. 2017), provided by the NIH Clinical Center",
        "free use, with attribution to the NIH Clinical Center",
        "The NIH Clinical Center provided ChestX-ray14 and is to be named as its source.",
        "ChestX-ray14's labels were mined from reports and are noisy, in training and as truth.",
    ),
    "kermany": Licence(
        "Kermany et al. 2018, radiographs of children with and without pneumonia",
        "CC BY 4.0",
        "",
        "Kermany's radiographs are of children of one hospital, squashed to a square.",
    ),
    **dict.fromkeys(
        ("iu-xray-xml", "iu-xray-csv", "iu-xray-annotation"),
        Licence(
            "Indiana University chest X-ray collection (Demner-Fushman et al. 2016)",
            "**CC BY-NC-ND 4.0**",
            "Of the Indiana University collection these weights learned; it is named here, its "
            "reports are not passed on, and it forbids commercial use.",
        ),
    ),
}
"""By the kind of collection that a configuration names."""

OTHER = Licence(
    "as the configuration describes it",
    "not told",
    "Of a collection without a told licence the program knows none: whoever passes these weights "
    "on answers for it.",
)


def licence(kind: str) -> Licence:
    """The licence of a kind of collection; ``OTHER`` for any kind that isn't a public one."""
    return LICENCES.get(kind, OTHER)
