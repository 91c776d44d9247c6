"""Decoding against exhaustive search, and against itself. B=3 sentences, V=11 words."""

import itertools

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD
from textdis.nn.decoding import DecoderState, beam, greedy, likeliest, preferred, room, sample, truncate
from textdis.nn.soft import _race, arrivals, gumbel_words, run_softly, soft, soften

B, V = 3, 11


def bigrams(seed: int = 0, temper: float = 2.0):
    """A language model on bigrams, another one for each row: its logits ride in `source`."""
    table = torch.randn(B, V, V, generator=torch.Generator().manual_seed(seed)) * temper
    table[..., [PAD, BOS]] = float("-inf")

    def step(token, state):
        rows = token if token.is_floating_point() else torch.nn.functional.one_hot(token, V).float()
        log_probs = torch.einsum("bv,bvw->bw", rows, state.told("table").log_softmax(-1).clamp(min=-1e9))
        return log_probs, DecoderState({"seen": state.hidden["seen"] + 1}, state.source)

    return step, DecoderState({"seen": torch.zeros(len(table), 1)}, {"table": table})


def best_by_search(table, words: int) -> tuple[list[int], float]:
    """The likeliest sentence of at most `words` words by sum of log-probabilities, all of them tried."""
    log_probs = table.log_softmax(-1)
    best = ([], float("-inf"))
    for n in range(words + 1):
        for path in itertools.product(range(3, V), repeat=n):
            ids = [BOS, *path, EOS]
            total = sum(float(log_probs[a, b]) for a, b in itertools.pairwise(ids))
            best = max(best, (list(path), total), key=lambda item: item[1])
    return best


def test_greedy_takes_the_likeliest_word_and_closes_the_sentence():
    step, state = bigrams()
    tokens, scores = greedy(step, state, 5)
    log_probs = state.source["table"].log_softmax(-1)
    for row in range(B):
        last, total = BOS, 0.0
        for t, token in enumerate(tokens[row].tolist()):
            if last == EOS:
                assert token == PAD
                continue
            assert token == int(log_probs[row, last].argmax()) or (t == 5 and token == EOS)
            total += float(log_probs[row, last, token])
            last = token
        assert last == EOS
        assert scores[row].item() == pytest.approx(total, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_compaction_changes_nothing(seed):
    step, state = bigrams(seed)
    for decode in (greedy, lambda *a, **k: beam(*a, 3, **k)):
        plain, packed = decode(step, state, 7, compact=False), decode(step, state, 7, compact=True)
        assert torch.equal(plain.tokens, packed.tokens)
        assert torch.allclose(plain.scores, packed.scores, atol=1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_a_beam_of_one_is_greedy(seed):
    step, state = bigrams(seed)
    narrow, plain = beam(step, state, 6, 1), greedy(step, state, 6)
    assert torch.equal(narrow.tokens[:, 0], plain.tokens)
    lengths = (plain.tokens != PAD).sum(1)
    assert torch.allclose(narrow.scores[:, 0], plain.scores / lengths, atol=1e-5)


def test_a_wide_beam_finds_the_best_sentence():
    step, state = bigrams(3)
    tokens, scores = beam(step, state, 3, 400)
    for row in range(B):
        path, total = best_by_search(state.source["table"][row], 3)
        sums = scores[row] * (tokens[row] != PAD).sum(-1).clamp(min=1)
        assert sums.max().item() == pytest.approx(total, abs=1e-3)
        found = tokens[row, sums.argmax()]
        assert [t for t in found.tolist() if t not in (EOS, PAD)] == path


def test_beams_come_best_first_and_differ():
    tokens, scores = beam(*bigrams(1), 5, 4)
    assert (scores[:, :-1] >= scores[:, 1:]).all()
    for row in range(B):
        assert len({tuple(t) for t in tokens[row].tolist()}) == 4


def test_where_there_are_fewer_sentences_than_beams_the_last_are_pads():
    """At most one word: 9 of 11 may be said, two have probability 0 but stand; of 14 beams three find nothing."""
    tokens, scores = beam(*bigrams(1), 1, V + 3)
    assert (scores[:, -3:] == -torch.inf).all() and torch.isfinite(scores[:, :-3]).all()
    assert not tokens[:, -3:].any()


def test_each_sentence_has_room_of_its_own():
    """A sentence is decoded as if it were alone, whatever its neighbours may have."""
    limits = torch.tensor([1, 6, 3])
    for decode in (greedy, lambda step, state, limit: beam(step, state, limit, 3)):
        step, state = bigrams(4)
        together = decode(step, state, limits).tokens
        for row in range(B):
            alone = decode(step, state.select(torch.tensor([row])), int(limits[row])).tokens[0]
            ours = together[row][..., : alone.shape[-1]]
            assert torch.equal(ours, alone) and not together[row][..., alone.shape[-1] :].any()


def test_room_lets_a_short_sentence_grow():
    assert room(torch.tensor([2, 3, 7, 32])).tolist() == [6, 7, 13, 51]


def test_sampling_repeats_under_a_seed_and_follows_the_distribution():
    step, state = bigrams(0, temper=1.0)
    draw = lambda seed: sample(step, state, 5, generator=torch.Generator().manual_seed(seed)).tokens  # noqa: E731
    assert torch.equal(draw(5), draw(5))
    many = DecoderState({"seen": torch.zeros(4000, 1)}, {"table": state.source["table"][:1].expand(4000, -1, -1)})
    first = sample(step, many, 1, generator=torch.Generator().manual_seed(0)).tokens[:, 0]
    share = first.bincount(minlength=V) / 4000
    assert torch.allclose(share, state.source["table"][0, BOS].softmax(-1), atol=0.04)


def test_sampling_the_top_word_alone_is_greedy():
    step, state = bigrams(2)
    expected = greedy(step, state, 5).tokens
    assert torch.equal(sample(step, state, 5, top_k=1).tokens, expected)
    assert torch.equal(sample(step, state, 5, top_p=1e-6).tokens, expected)


def test_truncation_by_hand():
    logits = torch.tensor([[0.5, 0.25, 0.15, 0.10]]).log()
    assert torch.isfinite(truncate(logits, 2, None)).tolist() == [[True, True, False, False]]
    assert torch.isfinite(truncate(logits, None, 0.7)).tolist() == [[True, True, False, False]]
    assert torch.isfinite(truncate(logits, None, 0.76)).tolist() == [[True, True, True, False]]


@pytest.mark.parametrize("mode", ["softmax", "gumbel", "straight-through"])
def test_soft_words_are_distributions_that_carry_gradients(mode):
    step, state = bigrams()
    table = state.source["table"].clamp(min=-30).requires_grad_()
    y = soft(step, DecoderState(state.hidden, {"table": table}), 4, mode=mode, temperature=0.7, keep=("seen",))
    assert torch.allclose(y.rows.sum(-1), torch.ones(y.rows.shape[:2]), atol=1e-5)
    assert y.hidden["seen"].shape == (B, y.tokens.shape[1], 1)
    (y.rows * torch.arange(V)).sum().backward()
    assert table.grad.abs().sum() > 0


def test_sentences_that_ended_leave_where_it_is_asked():
    step, state = bigrams(4)
    draw = lambda scores: (likeliest(scores), likeliest(scores))  # noqa: E731
    (whole, hidden), (slim, left) = (run_softly(step, state, 6, draw, ("seen",), shrink) for shrink in (False, True))
    said = whole != PAD
    assert torch.equal(slim, whole) and len(set(said.sum(1).tolist())) > 1
    assert torch.equal(left["seen"][said], hidden["seen"][said])
    assert torch.equal(slim[:, :5], greedy(step, state, 5).tokens[:, :5])


def layers(words=40, count=1):
    """An output layer, a table of vectors and `count` equal states: 6 units, vectors of 5 numbers."""
    drawn = torch.Generator().manual_seed(0)
    shapes = ((1, 6), (words, 6), (words,), (words, 5))
    states, *others = (torch.randn(*shape, generator=drawn) for shape in shapes)
    return [x.requires_grad_() for x in (states.expand(count, 6).clone(), *others)]


@pytest.mark.parametrize("temperature", [0.05, 0.1])
def test_soft_words_are_drawn_as_whole_rows_are(temperature):
    """20,000 draws of each: how often each word leads, the mean vector, and the mean gradient of its square."""
    given = layers(count=20_000)
    states, weight, bias, table = given
    assert arrivals(temperature) < 300
    rows = soften((states @ weight.T + bias).softmax(-1), "gumbel", temperature, torch.Generator().manual_seed(1))
    many = torch.cat([weight, torch.zeros(300, 6)]), torch.cat([bias, torch.full((300,), -50.0)])
    vectors, words = gumbel_words(
        states, *many, torch.cat([table, torch.zeros(300, 5)]), temperature, torch.Generator().manual_seed(2)
    )
    led = [x.bincount(minlength=40)[:40] / 20_000 for x in (words, rows.argmax(-1))]
    torch.testing.assert_close(*led, atol=0.02, rtol=0)
    whole = rows @ table
    torch.testing.assert_close(vectors.mean(0), whole.mean(0), atol=0.05, rtol=0)
    mine, other = (torch.autograd.grad(x.square().sum(1).mean(), given, retain_graph=True) for x in (vectors, whole))
    for one, two in zip(mine[1:], other[1:], strict=True):
        assert (one - two).norm() < 0.12 * two.norm()


def test_a_race_by_hand():
    """Words that were there before do not arrive again, and the order of the others is that of time."""
    probs = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    words, times = _race(probs, 12, torch.Generator().manual_seed(0))
    assert words[0].unique().tolist() == [0, 1] and times.isfinite().sum(1).tolist() == [2, 1]
    assert times[:, 0].isfinite().all() and (times[0][times[0].isfinite()].diff() > 0).all()


def test_a_high_temperature_takes_whole_rows():
    given = layers(count=3)
    vectors, words = gumbel_words(*given, 0.7, torch.Generator().manual_seed(0))
    logits = given[0] @ given[1].T + given[2]
    rows = soften(logits.softmax(-1), "gumbel", 0.7, torch.Generator().manual_seed(0))
    torch.testing.assert_close(vectors, rows @ given[3])
    assert torch.equal(words, rows.argmax(-1))


@pytest.mark.parametrize("temperature", [0.05, 0.1])
def test_what_a_race_leaves_out_is_lost_in_rounding(temperature):
    """Twice as many arrivals change nothing: an even row, the worst, whose tail is the heaviest."""
    words, times = _race(torch.full((1000, 10_000), 1e-4), 2 * arrivals(temperature), torch.Generator().manual_seed(0))
    shares = (-times.log() / temperature).softmax(-1)
    left_out = shares[:, arrivals(temperature) :].sum(-1)
    assert left_out.mean() < 1e-6 and left_out.max() < 1e-3


def test_arrivals_of_a_sharp_row_are_few():
    assert arrivals(0.1) == 38
    assert arrivals(0.5) > 10**9


@pytest.mark.parametrize("words", [5, 64, 70, 200])
def test_the_likeliest_word_is_the_first_of_the_largest(words):
    torch.manual_seed(0)
    for scores in (torch.randn(9, words), torch.randint(3, (9, words)).float()):
        assert torch.equal(likeliest(scores), scores.argmax(-1))


def test_hard_words_carry_none():
    step, state = bigrams()
    table = state.source["table"].clamp(min=-30).requires_grad_()
    tokens = greedy(step, DecoderState(state.hidden, {"table": table}), 4).tokens
    assert not tokens.requires_grad


def test_straight_through_follows_greedy_words():
    step, state = bigrams(4)
    assert torch.equal(
        soft(step, state, 5, mode="straight-through").tokens[:, :5], greedy(step, state, 5).tokens[:, :5]
    )


def test_soften_by_hand():
    probs = torch.tensor([0.8, 0.2])
    assert torch.allclose(soften(probs, "softmax"), probs)
    assert torch.allclose(soften(probs, "softmax", 0.5), torch.tensor([0.64, 0.04]) / 0.68)  # p^2, normalised
    assert torch.allclose(soften(probs, "straight-through"), torch.tensor([1.0, 0.0]))
    noisy = soften(probs.expand(4000, 2), "gumbel", generator=torch.Generator().manual_seed(0))
    assert (noisy.argmax(-1) == 0).float().mean().item() == pytest.approx(0.8, abs=0.03)
    with pytest.raises(ValueError, match="choose softmax, gumbel"):
        soften(probs, "hard")


def test_preferred_sentences_come_before_likelier_ones():
    tokens = torch.arange(8).view(2, 4, 1)
    scores = torch.tensor([[-1.0, -2.0, -3.0, -4.0], [-1.0, -5.0, -torch.inf, -2.0]])
    first = torch.tensor([[False, False, True, True], [False, False, True, False]])
    kept, left = preferred(tokens, scores, first, 3)
    assert kept.squeeze(-1).tolist() == [[2, 3, 0], [4, 7, 5]]  # minus infinity stays last, whatever it is
    assert left.tolist() == [[-3.0, -4.0, -1.0], [-1.0, -2.0, -5.0]]
