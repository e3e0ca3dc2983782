"""A report's parts: "FINDINGS: … IMPRESSION: …" → findings, impression and the rest by name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES = {
    "findings": r"findings?(?:\s*(?:and|/|&)\s*impressions?)?|observations?|description"
    r"|(?:检查|影像|影像学)?(?:所见|表现)",
    "impression": r"impressions?|conclusions?|opinion|summary|interpretation|assessment|diagnosis"
    r"|(?:影像|影像学|诊断)?(?:印象|诊断|意见|结论)|诊断意见",
    "indication": r"indications?|(?:clinical\s+)?(?:history|information|details|data)"
    r"|clinical\s+indications?|reason\s+for\s+(?:the\s+)?(?:exam(?:ination)?|study)"
    r"|(?:临床诊断|病史|检查目的)",
    "comparison": r"comparisons?|prior\s+stud(?:y|ies)",
    "technique": r"techniques?|procedure|views?|projections?|检查方法",
    "examination": r"exam(?:ination)?|study|type\s+of\s+exam(?:ination)?|(?:检查部位|检查项目)",
    "recommendation": r"recommendations?|advice|建议",
    "communication": r"notifications?|communications?|addendum|signed|dictated(?:\s+by)?",
}
_HEADING = re.compile(
    r"(?<![A-Za-z\u4e00-\u9fff])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMES.items())
    + r")\s*[:：]\s*",
    re.IGNORECASE,
)


def split(text: str) -> dict[str, str]:
    """The sections of a raw report by name; "" is what stands before the first heading.

    A text without headings is all findings. Where headings tell of neither findings nor impression,
    the paragraphs behind the last heading's own are the findings: many reports open with headings
    and then just go on.
    """
    headings = list(_headings(text))
    if not headings:
        return {"findings": text.strip()}
    parts = {"": text[: headings[0].start()].strip()}
    ends = [match.start() for match in headings[1:]] + [len(text)]
    for match, end in zip(headings, ends, strict=True):
        name = str(match.lastgroup)
        body = text[match.end() : end].strip()
        parts[name] = f"{parts[name]}\n{body}".strip() if name in parts else body
    if "findings" not in parts and "impression" not in parts:
        last = str(headings[-1].lastgroup)
        own, *more = re.split(r"\n\s*\n", parts[last], maxsplit=1)
        parts[last] = own
        if more:
            parts["findings"] = more[0].strip()
    return parts


def _headings(text: str) -> Iterator[re.Match[str]]:
    for match in _HEADING.finditer(text):
        word = match[0].strip(" :：\n\t")
        before = text[: match.start()].rstrip(" \t")
        # "… with a history: …" within a sentence is no heading.
        if word.isupper() or not word.isascii() or not before or before[-1] in "\r\n.;!?。；":
            yield match
