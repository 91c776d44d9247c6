"""Whole reviews cut into labelled sentences, the way Shen et al. (2017), section 5.1, made the Yelp sentences.

Their rules: a rating above three is positive, below three negative, three is left out; every sentence of a review has
the label of the review; as neutral sentences are more common in long reviews, a review of more than 10 sentences is
left out, and of the rest every sentence of more than 15 words. No classifier filters the sentences. What they do not
say and we do: sentences, words and numbers are those of `textdis.text.normalise`; a sentence needs a word to rewrite.
"""

from __future__ import annotations

from textdis.text.normalise import is_wordy, parse

SENTENCES, WORDS = 10, 15  # the most that a review, and a sentence, may have


def cut(review: str, most_words: int = WORDS, most_sentences: int | None = SENTENCES) -> list[str]:
    """The sentences of a raw review as model text; none where it has more than `most_sentences` (None: any number)."""
    text = review.replace("\\n", "\n").replace('\\"', '"').replace('""', '"')  # as the published tables escape them
    sentences = [sentence for line in text.splitlines() for sentence in parse(line).sentences]
    if most_sentences is not None and len(sentences) > most_sentences:
        return []
    return [sentence.text for sentence in sentences if is_wordy(sentence) and len(sentence.tokens) <= most_words]
