r"""What radiologists call the findings: the tables behind the labeller.

A phrase is written as it is read. Three marks keep the tables short: ``*`` stands for the rest of a
word (``opaci*``), a space for any run of blanks, hyphens and slashes (``air space disease`` also
reads "air-space disease"), and ``…`` for up to four words in between within the same clause.
``(a|b)`` and ``x?`` mean what they mean in a regular expression. Letter case never matters.

The findings follow CheXpert (Irvin et al., AAAI 2019) and ChestX-ray14 (Wang et al., CVPR 2017).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CHEXPERT = (
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
    "No Finding",
)
"""The 14 names of CheXpert, in the order of the CheXbert tags."""

FINDINGS = (
    *CHEXPERT[:-1],
    "Mass",
    "Nodule",
    "Infiltration",
    "Emphysema",
    "Fibrosis",
    "Pleural Thickening",
    "Hernia",
)
"""Every finding the rules know: CheXpert's without No Finding, then those only ChestX-ray14 has."""

PHRASES: Mapping[str, tuple[str, ...]] = {
    "Enlarged Cardiomediastinum": (
        "(wid*|enlarg*|prominen*|broad*) (of )?(the )?(superior |upper |anterior )?mediastin*",
        "mediastin* (wid*|enlarg*|broaden*|fullness)",
        "mediastin* (mass|masses|tumou?r*|lymphadenopath*|adenopath*)",
    ),
    "Cardiomegaly": (
        "cardiomegal*",
        "(heart|cardiac|cardio) (enlarg*|dilat*)",
        "(enlarg*|dilat*|big|globular) (of )?(the )?(heart|cardiac)",
        "biventricular enlargement",
        "enlarg* … cardiac (silhouette|shadow|contour|outline)",
        "increase* … cardiothoracic (ratio|index)",
    ),
    "Lung Opacity": (
        "opaci*",
        "air ?space disease*",
        "infiltrat*",
        "(interstitial|reticular|reticulonodular|lung|bronchovascular) (marking|pattern|change|thick)*",
        "(increased|abnormal|retrocardiac|patchy|basilar|basal|hazy|lobe|lung) densit*",
        "reticulation*",
        "ground glass",
        "white ?out",
        "consolidat*",
        "scar|scars|scarring",
        "shadow(s|ing) in",
        "(nodular|miliary|patchy|alveolar|lung|pulmonary|reticular) shadow*",
        "interstitial (lung )?disease*",
        "haziness|patchiness",
    ),
    "Lung Lesion": (
        "(lung|pulmonary|hilar|suprahilar|parahilar|perihilar|lobe|soft tissue|nodular|rounded) mass*",
        "mass|masses",
        "nodul*",
        "tumou?r*",
        "carcinoma*|neoplas*|malignan*|metasta*",
        "cavit(y|ies|ary|ating|ation|ations|ated)",
        "granuloma*",
        "hydatid|cyst|cysts|abscess*|aspergilloma*|fung(us|al) ball",
        "coin lesion",
    ),
    "Edema": (
        "(o?edema)",
        "(heart|cardiac) failure",
        "chf",
        "(vascular|venous|pulmonary|lung|hilar) congestion",
        "congestive",
        "kerley",
        "cephali[sz]ation",
        "engorge*",
    ),
    "Consolidation": ("consolidat*", "air bronchogram*"),
    "Pneumonia": (
        "pneumonia*",
        "bronchopneumonia*",
        "pneumonitis",
        "(lung|chest|pulmonary|granulomatous|active|acute|atypical) infection*",
        "infectious (process|infiltrat*|disease|etiology)",
    ),
    "Atelectasis": (
        "atelecta*",
        "(lung|lobe|lobar|lobes|segmental|complete|partial|total) collaps*",
        "collaps* (of|lung|left|right|lobe)",
        "volume loss",
        "loss of (lung )?volume",
    ),
    "Pneumothorax": ("(tension )?pneumothora*", "pneumo thorax", "ha?emopneumothora*"),
    "Pleural Effusion": (
        "(pleural |parapneumonic )?effusion*",
        "pleural fluid|fluid collection*",
        "hydrothora*|ha?emothora*|pyothora*|chylothora*|empyema*",
        "blunt* … (costophrenic|cp|sulc*|angle*)",
        "(costophrenic|cp|sulc*|angle*) … blunt*",
    ),
    "Pleural Other": (
        "pleural (thicken*|scar*|plaque*|fibrosis|calcification*|disease|reaction)",
        "thicken* (of )?(the )?pleura*",
        "pleuro ?parenchymal",
        "fibrothorax",
    ),
    "Fracture": ("fractur*", "broken rib*"),
    "Support Devices": (
        "pacemaker*|pacer|a?icd|defibrillator*|pacing|leads?",
        "(tracheal|endotracheal|tracheostomy|chest|feeding|nasogastric|ng|et|thoracostomy|nasoenteric|enteric|gastric|drainage|intercostal|orogastric|dobhoff) tube*",
        "catheter*|picc|port a? ?cath*|mediport|port|central (venous )?line*|infusaport",
        "(dialysis|venous|subclavian|jugular|picc|arterial|central) line*",
        "sternotomy|(sternal|cerclage) (wire|suture)*",
        "stent*|valve (replacement|prosthe*)|prosthetic|prosthe(sis|ses)",
        "clips?|hardware|(rod|screw|plate)s?|device|stimulator*|generator*",
        "tracheostomy|drain|drains|pigtail|cannula*|ecmo|balloon pump",
        "intubat*",
    ),
    "Mass": ("mass|masses", "tumou?r*", "carcinoma*|neoplas*"),
    "Nodule": ("nodul*",),
    "Infiltration": ("infiltrat*",),
    "Emphysema": (
        "emphysem*",
        "hyper ?inflat*|over ?inflat*|hyper ?expan*",
        "copd",
        "bulla*|bullous",
    ),
    "Fibrosis": ("fibro(sis|tic)", "scar|scars|scarring", "honeycomb*"),
    "Pleural Thickening": ("pleural thicken*", "thicken* (of )?(the )?pleura*"),
    "Hernia": ("hernia*",),
}
"""The phrases of each finding. One phrase may stand under several findings."""

COMPOUNDS: Mapping[str, tuple[str, ...]] = {
    "hydro ?pneumo ?thora*": ("Pneumothorax", "Pleural Effusion"),
    "ha?e?a?mo ?pneumo ?thora*": ("Pneumothorax", "Pleural Effusion"),
    "pyo ?pneumo ?thora*": ("Pneumothorax", "Pleural Effusion"),
    "nodular (densit*|opaci*)": ("Lung Opacity", "Lung Lesion", "Nodule"),
}
"""Words that say several findings at once."""

OTHER = (
    "(subcutaneous|surgical|mediastinal|soft tissue|chest wall|cervical|skin) emphysema*",
    "pericardial effusion*",
    "(bronchial|peribronchial|soft tissue|subcutaneous|subglottic|laryngeal|peripheral) o?edema*",
    "(lateral|anterior|body) mass index",
    "vertebra* (body )?collaps*",
    "disc herniation",
)
"""Phrases that look like a finding and are none; they are read first, and hide what is in them."""

STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "heart( size)?|cardiac (size|silhouette|shadow|contour*|outline)": ("Cardiomegaly",),
    "cardio ?mediastin* (silhouette|contour|size|structures)*|cardio ?mediastinum": (
        "Enlarged Cardiomediastinum",
        "Cardiomegaly",
    ),
    "mediastin* (silhouette|contour|structures|width|size)*|mediastinum": (
        "Enlarged Cardiomediastinum",
    ),
}
"""Structures that say a finding together with what is said of them, and the findings they say."""

HEALTHY = "normal|unremarkable|within (normal )?limits|not enlarged|normal limits|unremarkable|clear|nondilated"
ENLARGED = "enlarg*|prominen*|widen*|wide|large|increase* in size|dilat*|big"
BORDERLINE = "borderline|upper (limits? of )?normal|top normal|upper normal|mildly prominent"
UNCHANGED = "stable|unchanged|similar|not changed"

_ELLIPSIS = r"(?:[^\w,;:.]+[\w'-]+){0,4}?[^\w,;:.]+"


def pattern(phrase: str) -> re.Pattern[str]:
    """The regular expression of a phrase in the notation of this file; only whole words match."""
    text = phrase.replace(" … ", "…").replace("*", r"\w*").replace("…", _ELLIPSIS)
    text = re.sub(r" (?!\?)", lambda _: r"[\s/-]+", text)
    text = text.replace(" ?", r"[\s/-]*")
    return re.compile(rf"\b(?:{text})(?!\w)", re.IGNORECASE)
