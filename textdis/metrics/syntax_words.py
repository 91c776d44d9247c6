"""Common English words that fill the sentence prototypes of `syntax.py`, 50 a class, and their inflection.

All are regular, so that a rule of spelling gives the plural, the -s and the -ing form; nouns and adjectives begin
with a consonant sound, so that "a" stands right before each. Of each class, every second word is reserved: a corpus
made for training may keep the `unseen` half out of sentences built like a prototype.
"""

from __future__ import annotations

import re

NOUNS = tuple(
    """
    city dog country house family street student river teacher bridge party horse garden letter baby window market
    doctor boat story table church village picture lawyer mountain box road company farmer song forest king train
    ticket museum bird library lake soldier machine dress valley writer bus kitchen flower judge team newspaper
    """.split()
)
VERBS = tuple(
    """
    make study see watch help carry stop visit love build follow need paint join wash plan write remember move
    change find guide push support miss defend call drop praise serve trust sell protect describe teach welcome
    finish hide pull repair reach greet cut test copy bring lift fix hate share
    """.split()
)
ADJECTIVES = tuple(
    """
    green large happy small cold strong quiet busy fast simple clean dark beautiful warm heavy new famous rich
    modern wild poor cheap bright nice dangerous sad safe sweet careful tall young deep weak long proud rough
    gentle short kind lucky clever brave loud soft lazy fresh dry thin round wise
    """.split()
)
ADVERBS = tuple(
    """
    quickly slowly quietly loudly happily carefully badly clearly easily freely gladly kindly nicely openly proudly
    barely rarely safely simply softly strongly suddenly sweetly warmly well wisely directly bravely calmly closely
    deeply eagerly fairly firmly gently greatly honestly hungrily lazily lightly nearly neatly perfectly politely
    rapidly regularly seriously sharply silently together
    """.split()
)
WORDS = {"N": NOUNS, "V": VERBS, "A": ADJECTIVES, "D": ADVERBS}


def words(split: str = "all") -> dict[str, tuple[str, ...]]:
    """The words of each class N, V, A, D: `all`, or the half that is `seen` or `unseen`. Raises ValueError."""
    halves = {"all": slice(None), "seen": slice(0, None, 2), "unseen": slice(1, None, 2)}
    if split not in halves:
        raise ValueError(f"split {split!r}; it must be one of {', '.join(halves)}")
    return {kind: found[halves[split]] for kind, found in WORDS.items()}


def s_form(word: str) -> str:
    """The plural of a noun, the third person of a verb: city, cities; watch, watches; day, days."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def ing_form(word: str) -> str:
    """The present participle: make, making; stop, stopping; see, seeing; visit, visiting; lie, lying."""
    if word.endswith("ie"):
        return f"{word[:-2]}ying"
    if re.search(r"[^eoy]e$", word):
        return f"{word[:-1]}ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", word):  # one short syllable
        return f"{word}{word[-1]}ing"
    return f"{word}ing"
