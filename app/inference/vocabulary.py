"""Words in, numbers out, and back to a text that a person reads.

English is lower-cased and split on words and sentence punctuation; Chinese is segmented with jieba,
as in the paper (arXiv 2006.10347, "Datasets"). Words seen fewer than three times become ``<nou>``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from app.errors import ModelError

START, END, NOU = "<start>", "<end>", "<nou>"
SPECIAL = (START, END, NOU)
MINIMUM_COUNT = 3

Language = Literal["en", "zh"]

_WORD = re.compile(r"\d+(?:\.\d+)?%?|[a-zà-ÿ]+(?:['’/-][a-zà-ÿ0-9]+)*|[0-9a-zà-ÿ]+|[.,;:]")
_CLOSING = frozenset(".,;:。，；：、")
_SENTENCE_END = frozenset(".。")


def tokenize(text: str, language: Language = "en") -> list[str]:
    """The words and sentence punctuation of ``text``, in order."""
    if language == "en":
        return _WORD.findall(text.lower())
    try:
        import jieba
    except ImportError as error:
        raise ModelError(
            "Chinese reports are segmented with jieba, which is not installed.",
            "Install it with: pip install 'readingroom[chinese]'.",
        ) from error
    return [word for word in jieba.cut(text) if not word.isspace()]


class Vocabulary:
    """A fixed list of words. Ids 0, 1 and 2 are ``<start>``, ``<end>`` and ``<nou>``."""

    def __init__(self, words: Sequence[str], language: Language = "en") -> None:
        if tuple(words[:3]) != SPECIAL or len(set(words)) != len(words):
            raise ModelError(
                "The vocabulary of these weights is damaged.", "Install the weights folder again."
            )
        self.language: Language = language
        self._words = tuple(words)
        self._ids = {word: index for index, word in enumerate(self._words)}
        self.start, self.end, self.nou = 0, 1, 2
        self.punctuation = tuple(index for index, word in enumerate(words) if word in _CLOSING)

    @classmethod
    def learn(
        cls,
        texts: Iterable[str],
        language: Language = "en",
        minimum_count: int = MINIMUM_COUNT,
    ) -> Vocabulary:
        """The words that occur at least ``minimum_count`` times, most frequent first."""
        counts = Counter(word for text in texts for word in tokenize(text, language))
        kept = [word for word, count in counts.items() if count >= minimum_count]
        kept.sort(key=lambda word: (-counts[word], word))
        return cls((*SPECIAL, *kept), language)

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def encode(self, text: str) -> list[int]:
        """Ids of the words of ``text``, framed by ``<start>`` and ``<end>``."""
        inner = [self._ids.get(word, self.nou) for word in tokenize(text, self.language)]
        return [self.start, *inner, self.end]

    def words(self, ids: Iterable[int]) -> list[str]:
        """The words behind ``ids``; the frame (``<start>``, ``<end>``) is left out."""
        frame = (self.start, self.end)
        return [self._words[index] for index in ids if index not in frame]

    def content(self, ids: Iterable[int]) -> tuple[int, ...]:
        """The words among ``ids`` without punctuation: reports that agree in them say the same."""
        return tuple(index for index in ids if index not in self.punctuation)

    def join(self, words: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
        """A text as a reader expects it, and each word's (start, end) in it.

        Punctuation closes up to the word before it, English sentences begin with a capital.
        """
        space = " " if self.language == "en" else ""
        text, spans, begins = "", [], True
        for word in words:
            if text and word not in _CLOSING:
                text += space
            shown = word[:1].upper() + word[1:] if begins and self.language == "en" else word
            spans.append((len(text), len(text) + len(shown)))
            text += shown
            begins = word in _SENTENCE_END
        return text, tuple(spans)
