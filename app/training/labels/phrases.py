r"""What radiologists call the findings: the tables behind the labeller.

A phrase is written as it is read. A few marks keep the tables short: ``*`` stands for the rest of a
word (``opaci*``), a blank for any run of blanks, hyphens and slashes (``white ?out`` also reads
"white-out"), ``…`` for up to four words in between within the same clause; ``(a|b)`` and ``x?``
mean what they mean in a regular expression. Letter case never matters.

The findings follow CheXpert (Irvin et al., AAAI 2019) and ChestX-ray14 (Wang et al., CVPR 2017);
where opinions may differ, the tables follow the CheXbert tags (``docs/labels.md`` says where).
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
        "(wid*|enlarge*|prominen*|broad*|fullness) (of )?(the )?(superior |upper )?mediastin*",
        "mediastin* (contour* |shadow* |silhouette* )?(wid*|enlarge*|broad*|fullness)",
        "mediastin* (mass*|tumou?r*|lymphadenopath*|adenopath*|ha?ematoma)",
    ),
    "Cardiomegaly": (
        "cardio ?megal*|megalocardia",
        "(heart|cardiac|ventricular|atrial) (enlarge*|dilat*|hypertrophy)",
        "(enlarge*|dilat*|globular|water bottle) (of )?(the )?(heart|cardiac)",
        "increase* (in|of) (the )?(heart|cardiac)",
        "(increase*|high|large|raised) … cardio ?thoracic (ratio|index)",
        "cardio ?thoracic (ratio|index) … increase*",
    ),
    "Lung Opacity": (
        "opaci*|opaque",
        "air ?space (disease*|shadow*|process*|change*|filling)",
        "infiltrat*",
        "(interstitial|reticular|reticulonodular|bronchovascular|lung) (marking|pattern|shadow)*",
        "(increase*|hazy|patchy|alveolar) densit*",
        "reticulation*|reticulo ?nodular",
        "ground glass",
        "white ?out",
        "shadow*|patch|patches",
        "interstitial prominen*|(decrease*|reduce*) (translucen*|transparen*|permeab*)",
        "haz(y|iness)|patchiness|mottling",
        "interstitial (lung )?disease*",
        "scar|scars|scarring",
        "ards|acute respiratory distress syndrome",
    ),
    "Lung Lesion": (
        "mass|masses|mass ?like",
        "nodul*|micro ?nodul*|fibro ?nodular",
        "tumou?r*",
        "carcinoma*|neoplas*|(lung|pulmonary|bronchial) (cancer|malignan*)",
        "metastas(is|es)|(lung|pulmonary) metastatic|metastatic (lesion|nodule|deposit)*",
        "cavit*",
        "hydatid|aspergilloma*|fung(us|al) ball|cystic lesion*|(lung|pulmonary) (cyst|abscess)*",
        "coin lesion|(lung|pulmonary|hilar|cannon ?ball) lesion*|space occupying",
    ),
    "Edema": (
        "o?edema*",
        "(heart|cardiac) failure|chf",
        "(vascular|venous|pulmonary|lung|hilar) congestion|congestive",
        "(central|pulmonary) (vascular|venous) prominence",
        "kerley|cephali[sz]ation",
    ),
    "Consolidation": ("consolidat*", "condensation*"),
    "Pneumonia": (
        "pneumonia*|broncho ?pneumonia*|pneumonitis",
        "infection*|infectious (process|infiltrat*|disease|etiology)",
    ),
    "Atelectasis": ("atelecta*", "collaps*"),
    "Pneumothorax": ("pneumo ?thora*",),
    "Pleural Effusion": (
        "effusion*",
        "pleural (fluid|collection)|fluid … pleural (space|cavity)",
        "hydro ?thora*|ha?e?a?mo ?thora*|pyo ?thora*|chylo ?thora*|empyema*",
    ),
    "Pleural Other": (
        "pleural ((based|apical) )?(thicken*|scar*|plaque*|fibrosis|calcifi*|reaction)",
        "(thicken*|calcifi*) (of |in )?(the )?pleura*",
        "(pleuro|pleural) (parenchymal|peripheral|pericardial) (thicken*|scar*|fibro*)",
        "fissur* thicken*|thicken* … fissure*|fibro ?thorax",
    ),
    "Fracture": ("fractur*", "broken rib*"),
    "Support Devices": (
        "pace ?maker*|pacer*|a?icd|defibrillat*|(pacing|pacemaker) (wire|lead|electrode)*",
        "(ventricular|atrial) leads?|electrodes?",
        "leads? (tip|place*|position*|config*|disloc*|dislodg*|migrat*|in the)",
        "tube|tubes|ett|ngt|intubat*|tracheostomy|tracheotomy|cannula*|ventilator in",
        "catheter*|picc?|cvc|swan ganz|guide ?wire|drain|drains|pigtail",
        "port a? ?cath*|medi ?port|chemo ?port|infus* ?port|(chest|catheter) port|port catheter",
        "(central|dialysis|venous|intravenous|subclavian|jugular|picc|arterial|femoral) lines?",
        "(sternal|sternotomy|cerclage) (wire|suture)*",
        "tip (is |again )?(in|at|overl*|project*|terminat*|approximat*)",
        "(prosthetic|artificial|mechanical) … valve*|valve prosthe*",
        "(assist|closure|pacing|cardiac|occlu*) device|occluder",
        "(cardiac|stimulator|pulse) generator*|ecmo|extracorporeal membrane|iabp|lvad|balloon pump",
    ),
    "Mass": ("mass|masses|mass ?like", "tumou?r*", "carcinoma*|neoplas*"),
    "Nodule": ("nodul*|micro ?nodul*|miliary",),
    "Infiltration": ("infiltrat*",),
    "Emphysema": ("emphysem*", "copd|chronic obstructive", "bulla|bullae|bullous"),
    "Fibrosis": ("fibrosis|fibrotic|fibro ?nodular", "scar|scars|scarring|cicatri*", "honeycomb*"),
    "Pleural Thickening": (
        "pleural ((based|apical) )?thicken*",
        "thicken* (of |in )?(the )?pleura*",
        "(pleuro|pleural) (parenchymal|peripheral) thicken*",
    ),
    "Hernia": ("hernia*", "intra ?thoracic (stomach|bowel)"),
}
"""The phrases of each finding. One phrase may stand under several findings."""

COMPOUNDS: Mapping[str, tuple[str, ...]] = {
    "(hydro|ha?e?a?mo|pyo|chylo) ?pneumo ?thora*": ("Pneumothorax", "Pleural Effusion"),
    "nodular (densit*|opaci*)": ("Lung Lesion", "Nodule"),
    "(pleural|pleuro|fissural|apical cap) … scar*": ("Pleural Other",),
    "(catheter|lead|wire|guidewire|electrode|tube) fracture*": ("Support Devices",),
    "fractured (catheter|lead|wire|guidewire|electrode|tube)": ("Support Devices",),
}
"""Words that say more, or something else, than their parts; read before the phrases."""

OTHER = (
    "(subcutaneous|surgical|mediastinal|tissue|tissues|wall|neck|cervical|interstitial) emphysema*",
    "emphysema … (soft|subcutaneous|neck|chest wall|mediastin*)",
    "pericardial (effusion|fluid|collection|thicken*|calcifi*)",
    "(bronchial|peribronchial|soft tissue|subcutaneous|subglottic|laryngeal|peripheral) o?edema*",
    "(bone|bony|osseous|osteolytic|skeletal|rib|vertebral|liver|brain|nodal) metasta*",
    "(pleural|thora*|chest|peritoneal|abdominal|pericardial|cardiac|oral|body|nasal) cavit*",
    "(heart|cardiac|mediastin*|aortic|vascular|breast|nipple|thym*|hilar) shadow*",
    "(air|gas|fundic|gastric|stomach|bowel|liver|hepatic|renal|diaphragm*|bone|rib|tree) shadow*",
    "(loss|absence|lack) of (lung |bronchovascular |vascular )?marking*",
    "(hepatocellular|renal cell|breast|thyroid|colon|gastric|o?esophageal) (carcinoma*|tumou?r*)",
    "body mass|bone mass|thyroid mass|breast mass",
    "(vertebral|vertebra|tracheal|circulatory|cardiovascular|disc) … collaps*",
    "dis[ck] herniation|herniated dis[ck]",
    "(hiv|wound|urinary|tract|skin) infection*",
    "collaps* … vertebra*",
    "(ekg|ecg|monitor|monitoring) (lead|line|wire)*",
    "(heart|neural|eustachian|fallopian) tube",
    "tubes? of",
)
"""Phrases that look like a finding and are none; they hide the words they are made of."""

STRUCTURES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "heart( size| silhouette| shadow| contours?| volume)?|"
    "cardiac( chamber)? (size|silhouettes?|shadow|contours?|outline|volume|area)": (
        ("Cardiomegaly",),
        ("Cardiomegaly",),
    ),
    "cardio ?mediastin*( silhouettes?| contours?| size| shadow| structures?)?": (
        ("Enlarged Cardiomediastinum",),
        ("Enlarged Cardiomediastinum", "Cardiomegaly"),
    ),
    "mediastin*( and (hilar|cardiac))?( silhouettes?| contours?| structures?| shadow| size)?": (
        ("Enlarged Cardiomediastinum",),
        ("Enlarged Cardiomediastinum",),
    ),
}
"""Structures whose state is said in words of its own ("heart size is normal"): the findings there
are when the structure is enlarged, and those that aren't there when it is normal.
"""

NOT_STRUCTURES = (
    "(heart|cardiac) (failure|border|rate|valve|disease|surgery|transplant*|defect|apex|monitor*)*",
    "mediastin* (shift|lymph|node|clip|mass|fat|adenopath*|lymphadenopath*|drain|tube|calcifi*)*",
)
"""Phrases in which a structure's name is only part of another name."""

NORMAL = "normal*|unremarkable|within limits|not enlarged|nonenlarged|not dilated|not widened"
ENLARGED = "enlarge*|prominen*|widen*|wide|large|increase*|dilat*|big|broad*|borderline"
UNCHANGED = "stable|unchanged|similar"

_LUNGS = ("Lung Opacity", "Consolidation", "Infiltration")
_ALL = tuple(finding for finding in FINDINGS if finding != "Support Devices")

CLEAR: Mapping[str, tuple[str, ...]] = {
    "lungs? (field* |parenchyma )?(is|are|were|was|appear*|remain*) (\\w+ )?(clear|normal)": _LUNGS,
    "clear (lungs|lung fields)|(lungs|lung fields) (appear )?(unremarkable|clear)": _LUNGS,
    "pleural (space|cavit)* (is|are|appear*) (clear|normal|unremarkable)": ("Pleural Effusion",),
    "costophrenic (angle|recess|sulc)* … (sharp|clear|free)": ("Pleural Effusion",),
    "normal (initial |preoperative |admission |plain |frontal |portable |pa |ap |posteroanterior )?"
    "(chest )?(x ?rays?|radiogra*|film|cxr)": _ALL,
    "(x ?rays?|radiogra*|film|cxr) (was|is|were|appears) (normal|within normal limits)": _ALL,
}
"""Plain statements of health, and the findings they deny unless the text says them elsewhere."""

ABNORMAL = (
    "granulom*|calcifi*|tortuo*|ectati*|ectasia|unfold*|aneurysm*|atheroscl*",
    "degenerat*|osteophyt*|spondyl*|scolio*|kypho*|arthriti*|deformit*|demineral*|osteop*|wedg*",
    "hyper ?inflat*|hyper ?expan*|emphysem*|copd|bulla*|flatten*|hyper ?lucen*",
    "scar|scars|scarring|fibro*|bronchiecta*|thicken*|cuffing",
    "hernia*|eventration|elevat* … diaphragm|elevation … (hemi)?diaphragm|free air",
    "cabg|adenopath*|lymphadenopath*|enlarge*|prominen*|pneumo ?mediastin*|pneumo ?peritone*",
    "blunt*|dextrocardia|cervical rib|shift",
)
"""What keeps a text from saying "no finding" although CheXpert has no name for it."""

_GAP = r"(?:[^\w,;:.]+[\w'-]+){0,4}?[^\w,;:.]+"


def pattern(*table: str) -> re.Pattern[str]:
    """The regular expression of phrases in this file's notation; only whole words match."""
    text = "|".join(table).replace(" … ", "…").replace("*", r"\w*")
    text = re.sub(r" (?!\?)", lambda _: r"[\s/-]+", text).replace(" ?", r"[\s/-]*")
    return re.compile(rf"\b(?:{text.replace('…', _GAP)})(?!\w)", re.IGNORECASE)
