import json
from collections import Counter

import numpy as np
import pytest
import torch

from textdis.core.batch import BOS, EOS, PairBatch
from textdis.core.errors import UserError
from textdis.text.batches import Batches, collate

N, SIZE = 101, 7


def rows(n: int = N, seed: int = 0) -> list[list[int]]:
    """Rows of 2 to 12 tokens; the first word, where there is one, names the row: 10 + its number."""
    lengths = np.random.default_rng(seed).integers(0, 11, n)
    return [[BOS, *[10 + i] * length, EOS] for i, length in enumerate(lengths)]


def batches(**options) -> Batches:
    options = {"batch_size": SIZE, "seed": 3} | options
    return Batches(rows(), np.arange(N), **options)


def labels_of(iterator: Batches, steps: int) -> list[list[int]]:
    return [next(iterator).label.tolist() for _ in range(steps)]


def test_collate_pads_to_the_longest():
    batch = collate([[1, 5, 2], [1, 5, 7, 11, 2]], [1, 0], [[0], [1, 2]])
    assert batch.tokens.tolist() == [[1, 5, 2, 0, 0], [1, 5, 7, 11, 2]]
    assert batch.lengths.tolist() == [3, 5] and batch.label.tolist() == [1, 0]
    # noun 0 is the word after `<s>`: column 1
    assert batch.nouns.tolist() == [[False, True, False, False, False], [False, False, True, True, False]]
    assert {t.dtype for t in (batch.tokens, batch.lengths, batch.label)} == {torch.int64}


def test_collate_without_labels_and_with_nouns_beyond_the_row():
    batch = collate([[1, 5, 2], [1, 2]], nouns=[[0, 1, 9], []])
    assert batch.label is None
    assert batch.nouns.tolist() == [[False, True, False], [False, False, False]]
    assert collate([[1, 2]]).nouns is None


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_holds_every_sentence_once(shuffle):
    feed = batches(shuffle=shuffle)
    for _ in range(2):
        seen = [label for batch in labels_of(feed, len(feed)) for label in batch]
        assert Counter(seen) == Counter(range(N))


def test_without_shuffle_the_order_is_that_of_the_rows():
    assert labels_of(batches(shuffle=False), 2) == [list(range(7)), list(range(7, 14))]


def test_batches_hold_sentences_of_like_length():
    feed = batches()
    spread = [int(np.ptp(next(feed).lengths.numpy())) for _ in range(len(feed))]
    assert np.mean(spread) < 2  # rows drawn at random would spread over about 8


def test_epochs_differ_and_the_seed_repeats_them():
    one, two, other = (labels_of(batches(seed=seed), 30) for seed in (3, 3, 4))
    assert one == two and one != other
    assert one[:15] != one[15:]


@pytest.mark.parametrize("steps", [0, 4, 15, 16, 31])  # 15 batches an epoch
def test_resume_is_exact(steps):
    feed = batches()
    labels_of(feed, steps)
    state = json.loads(json.dumps(feed.state_dict()))
    again = batches()
    again.load_state_dict(state)
    assert labels_of(again, 20) == labels_of(feed, 20)


def test_resume_with_other_data_is_refused():
    state = batches().state_dict()
    with pytest.raises(UserError, match="batch_size was 7, is 5 now"):
        batches(batch_size=5).load_state_dict(state)


def test_processes_share_an_epoch_and_keep_step():
    feeds = [batches(rank=rank, world=2) for rank in (0, 1)]
    assert [len(feed) for feed in feeds] == [7, 7]  # 15 batches: one is left over
    together = [labels_of(feed, 7) for feed in feeds]
    alone = labels_of(batches(), 14)
    assert together == [alone[0::2], alone[1::2]]


def test_once_goes_by_length_and_leaves_the_iterator_alone():
    feed, nouns = batches(), [[0]] * N
    expected = labels_of(batches(), 3)
    seen, lengths = [], []
    assert labels_of(feed, 1) == expected[:1]
    for numbers, batch in feed.once():
        assert batch.label.tolist() == numbers.tolist()
        seen += numbers.tolist()
        lengths += batch.lengths.tolist()
    assert sorted(seen) == list(range(N)) and lengths == sorted(lengths)
    assert labels_of(feed, 2) == expected[1:]
    assert next(Batches(rows(), nouns=nouns, batch_size=SIZE)).nouns.shape[0] == SIZE


def test_one_long_row_does_not_widen_a_batch_of_many(monkeypatch):
    monkeypatch.setattr("textdis.text.batches.TOKENS", 20)
    encoded = [[BOS, EOS]] * 7 + [[BOS] * 31]
    sizes = [tuple(batch.tokens.shape) for _, batch in Batches(encoded, batch_size=8).once()]
    assert sizes == [(4, 2), (2, 2), (1, 2), (1, 31)]


def test_long_rows_are_cut_and_still_end():
    feed = Batches([[1, 5, 6, 7, 8, 2], [1, 9, 2]], nouns=[[0, 3], [0]], batch_size=2, max_length=4, shuffle=False)
    batch = next(feed)
    assert batch.tokens.tolist() == [[1, 5, 6, 2], [1, 9, 2, 0]]
    assert batch.nouns.tolist() == [[False, True, False, False], [False, True, False, False]]


def noisy(feed: Batches):
    def transform(numbers: np.ndarray, rng: np.random.Generator) -> PairBatch:
        target = feed.collate(numbers)
        noise = torch.from_numpy(rng.integers(0, 1000, len(numbers)))
        return PairBatch(collate([[1, int(i), 2] for i in noise]), target)

    return transform


def test_a_transform_builds_the_batch_with_its_own_seeded_numbers():
    def run(steps: int, skip: int = 0) -> list[list[list[int]]]:
        feed = batches()
        feed.transform = noisy(feed)
        feed.load_state_dict(feed.state_dict() | {"position": skip})
        return [(pair := next(feed)).source.tokens.tolist() + [pair.target.label.tolist()] for _ in range(steps)]

    made = run(20)
    assert made == run(20)
    assert made[5:] == run(15, skip=5)  # what is drawn depends on the batch's number, not on what was drawn before
    assert made[0][:-1] != made[1][:-1]


def test_too_few_sentences_and_uneven_columns_are_refused():
    with pytest.raises(UserError, match="too few batches"):
        Batches([], batch_size=2)
    with pytest.raises(UserError, match="too few batches"):
        Batches(rows(5), batch_size=5, rank=0, world=2)
    with pytest.raises(ValueError, match="5 sentences but 4 rows of labels"):
        Batches(rows(5), [0] * 4, batch_size=2)
