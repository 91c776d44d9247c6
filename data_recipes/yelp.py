"""Sentences of Yelp reviews, negative and positive: a pool of real ones, and the Li et al. (2018) dev and test sets."""

from __future__ import annotations

from pathlib import Path

from data_recipes.recipe import Recipe, Table, drawn_groups, key, styles, take, without

JUDGES, SEED = 10_000, 20  # sentences a class kept for a judge, and the seed that draws them

FILES = {
    "heldout_pool.dev.0.txt.gz": "2316fd3cbdeb75422eadbe4dffb5f4fda538a78b2daea1ddb675ab16cfa2ffa3",
    "heldout_pool.dev.1.txt.gz": "77dadc6b004f2f6d0fd63c97a263f9881d91f73a90490853b86b4a08f068e2db",
    "heldout_pool.train.0.txt.gz": "ab2f21f607e78c9622db8b86099e8975f47f64b6b72050e22046feece2f2f8a8",
    "heldout_pool.train.1.txt.gz": "15de300609eeee0f24efb3c76c3b08ca1f6256ca2b7c4afb5e8d7ef95d289a44",
    "li.dev.0.txt.gz": "6d6aae8b3d1337c7a7e817ebb11b452baecd7e48433a04b5f966abb0dbce7d16",
    "li.dev.1.txt.gz": "44d3376a0909f0a68286aca5999c9c04033f1c4c6d68caf786b5fa3f804024ee",
    "li.reference.0.txt.gz": "cdf4738c7d21764052412f4e21c4db832f8ee1c1d3c884116c9216f894639ba7",
    "li.reference.1.txt.gz": "4138c0a416cad3fa212436a257229c796b01cdce51050d2de932683b4a9c6ff0",
    "li.test.0.txt.gz": "c75db4c25c1656dcfd3f81ac05122cf6a438579d41ba3d724c8731764f3a24a4",
    "li.test.1.txt.gz": "766afddb12667ff62b45675a23a7f23fae178fdd8c58ecd141e0cc93351ff9f8",
}


def parse(folder: Path) -> dict[str, Table]:
    pool, dev = styles(folder, "heldout_pool.train.{}.txt.gz"), styles(folder, "heldout_pool.dev.{}.txt.gz")
    pool = without(pool, {key(text) for text in dev["text"]})  # two sentences of the pool stand in its dev set too
    judges = take(pool, drawn_groups(pool, JUDGES, SEED))
    return {
        "train": without(pool, {key(text) for text in judges["text"]}),
        "dev": dev,
        "judges": judges,
        "li.dev": styles(folder, "li.dev.{}.txt.gz"),
        "li.test": styles(folder, "li.test.{}.txt.gz", "li.reference.{}.txt.gz"),
    }


RECIPE = Recipe(
    name="yelp",
    files=FILES,
    parse=parse,
    labels=("negative", "positive"),
    splits=("train", "dev", "judges", "li.dev", "li.test"),
    rows=(194_587, 4_000, 20_000, 4_000, 1_000),
    licence="pool: not stated: research use only, do not redistribute; li.*: CC BY-SA 4.0 (stated by the release)",
    homepage="https://github.com/lijuncen/Sentiment-and-Style-Transfer",
    notes="Lower-cased, blank-separated words, at most 15; numbers are _num_. The pool is a split of our own: dev, "
    "test and a fifth of the training set of Shen et al. (2017), without the sentences of Li et al. `judges` "
    "(10,000 sentences a class) shares none with `train`; neither shares one with `dev`, `li.dev` or `li.test`. "
    "`reference` of `li.test` is the human rewriting into the other class, not tokenised like the rest.",
)
