"""Which sentences stand in more than one split, and which recipes may not judge each other's models."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from typing import TYPE_CHECKING

from data_recipes.recipe import key

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


@dataclass(frozen=True)
class Overlap:
    """How much of the split `second` stands in `first` too; sentences are equal where their letters and digits are."""

    first: str
    second: str
    distinct: int  # distinct sentences of `second` that stand in `first`
    of_distinct: int
    rows: int  # and its rows
    of_rows: int

    def __str__(self) -> str:
        return f"{self.first} / {self.second}: {self.distinct:,} of {self.of_distinct:,} distinct sentences"


def overlaps(data: DatasetDict) -> list[Overlap]:
    """Each pair of splits in order; the sentences are those of the column `text`, else of the first column."""
    keys = {split: [key(text) for text in _sentences(rows)] for split, rows in data.items()}
    sets = {split: set(own) for split, own in keys.items()}
    return [
        Overlap(
            first, second, len(sets[first] & sets[second]), len(sets[second]),
            sum(own in sets[first] for own in keys[second]), len(keys[second]),
        )
        for first, second in combinations(keys, 2)
    ]  # fmt: skip


def _sentences(rows: Dataset) -> list[str]:
    return rows["text" if "text" in rows.column_names else rows.column_names[0]][:]


_POOL = "the pool of `yelp` is made of dev, test and a fifth of the training set of `yelp_shen`"
_LI = "the test sentences of Li et al. stand in the dev set of Shen et al."
_REVIEWS = "both are sentences of reviews on one site, so that some may be the same"
_PARTS = "one is made of the other"
KNOWN = (  # trained on, scored on, why not
    ("yelp:train", "yelp_shen:*", _POOL),
    ("yelp:dev", "yelp_shen:*", _POOL),
    ("yelp:judges", "yelp_shen:*", _POOL),
    ("yelp_shen:*", "yelp:train", _POOL),
    ("yelp_shen:*", "yelp:dev", _POOL),
    ("yelp_shen:*", "yelp:judges", _POOL),
    ("yelp_shen:dev", "yelp:li.*", _LI),
    ("yelp:li.*", "yelp_shen:dev", _LI),
)
ALIKE = (  # in either direction, whatever the splits
    ("yelp_review_full", "yelp*", _REVIEWS),
    ("yelp_polarity", "yelp*", _REVIEWS),
    ("amazon_polarity", "amazon", _REVIEWS),
    ("yahoo_answers_topics", "yahoo*", "both are of the set of Zhang et al. (2015)"),
    ("larsson2017", "rt_polarity", _PARTS),
    ("larsson2017", "kotzias2015", _PARTS),
    ("larsson2017", "tackstrom2011", _PARTS),
    ("styled_captions", "captions", _PARTS),
    ("styled_captions", "multi30k", _PARTS),
    ("europarl", "europarl_sample", _PARTS),
    ("europarl", "wmt_sample", "a part of the latter is Europarl"),
)


def conflict(trained_on: str, scored_on: str) -> str | None:
    """Why scores of a model trained on one split, taken on another, would be too good; None where nothing is known.

    Both are a recipe's name and a split, `yelp:train`; a name alone means `train` of what was trained on, and a split
    held out of what is scored on.
    """
    recipe, _, split = trained_on.partition(":")
    other, _, scored = scored_on.partition(":")
    if recipe == other:
        same = scored == (split or "train")
        return f"{scored_on} is what the model was trained on; score it on another split" if same else None
    pair = (f"{recipe}:{split or 'train'}", f"{other}:{scored or 'test'}")
    why = [why for first, second, why in KNOWN if fnmatchcase(pair[0], first) and fnmatchcase(pair[1], second)]
    why += [
        why
        for first, second, why in ALIKE
        if (recipe == first and fnmatchcase(other, second)) or (other == first and fnmatchcase(recipe, second))
    ]
    return f"trained on {pair[0]}, scored on {pair[1]}: {why[0]}; do not believe these scores" if why else None
