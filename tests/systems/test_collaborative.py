"""The six losses and their gradients. V=23, K=3 styles."""

from dataclasses import replace

import pytest
import torch

from textdis.core.batch import BOS, EOS, PAD, PairBatch, TextBatch, flattened
from textdis.core.model import load
from textdis.nn.soft import SoftSentence
from textdis.systems.collaborative import Collaborative, CollaborativeConfig, CollaborativeObjective
from textdis.text.batches import collate

SIZES = {"embedding": 13, "hidden": 29, "units": 7, "dropout": 0.0}
CONFIG = CollaborativeConfig(23, 3, 2, SIZES, {"embedding": 11, "filters": 5, "heights": [1, 2], "dropout": 0.0})
ROWS, LABELS, NOUNS = (
    [[BOS, 7, 8, 9, EOS], [BOS, 4, 11, EOS], [BOS, 12, 13, 14, 15, 16, EOS]],
    [0, 1, 2],
    [[0, 2], [1], []],
)


@pytest.fixture
def model() -> Collaborative:
    torch.manual_seed(0)
    return Collaborative(CONFIG)


def batch(nouns=NOUNS):
    return collate(ROWS, LABELS, nouns)


def turn(model, x=None, source=None, **options):
    x = batch() if x is None else x
    objective = CollaborativeObjective(model, **options)
    return next(objective.turns(iter([PairBatch(source or x, x)]), 0))


def reached(model, loss) -> set[str]:
    """Parts of the model that receive a gradient from `loss`."""
    model.zero_grad()
    loss.backward()
    return {
        part
        for part in ("seq2seq.encoder", "seq2seq.decoder", "classifier")
        for name, p in model.named_parameters()
        if name.startswith(part) and p.grad is not None and p.grad.abs().sum() > 0
    }


ALL = {"seq2seq.encoder", "seq2seq.decoder", "classifier"}
REACH = {
    "rec": {"seq2seq.encoder", "seq2seq.decoder"},
    "content": {"seq2seq.encoder", "seq2seq.decoder"},
    "back_rec": {"seq2seq.encoder", "seq2seq.decoder"},
    "class_od": {"classifier"},
    "class_td": ALL,
    "class_btd": ALL,
}


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize("mode", ["softmax", "gumbel", "straight-through"])
@pytest.mark.parametrize("name", REACH)
def test_each_loss_reaches_whom_it_shall(model, name, mode, replay):
    assert reached(model, turn(model, mode=mode, replay=replay).losses[name]) == REACH[name]


def test_hard_tokens_carry_no_gradient_to_the_decoder(model):
    """What `class_td` would be without soft words."""
    tokens, _ = model.eval().candidates(batch(), torch.tensor([1, 2, 0]), n_best=1)
    logits = model.classifier(tokens[:, 0], tokens[:, 0] != PAD)
    assert reached(model, logits.sum()) == {"classifier"}


def test_all_six_enter_the_total_with_their_weights(model):
    torch.manual_seed(1)
    weights = {"rec": 1.0, "content": 2.0, "back_rec": 3.0, "class_od": 5.0, "class_td": 7.0, "class_btd": 11.0}
    t = turn(model, weights=weights)
    assert set(t.losses) == set(weights)
    assert t.total.item() == pytest.approx(sum(weights[k] * v.item() for k, v in t.losses.items()), rel=1e-5)
    assert all(torch.isfinite(loss) and loss > 0 for loss in t.losses.values())


def test_warming_up_takes_only_real_text(model):
    assert set(turn(model, warmup=1).losses) == {"rec", "class_od"}


def test_a_batch_of_one_style_works(model):
    x = replace(batch(), label=torch.zeros(3, dtype=torch.long))
    assert torch.isfinite(turn(model, x).total)


def test_the_other_style_is_always_another_one(model):
    objective = CollaborativeObjective(model)
    label = torch.arange(3).repeat(300)
    other = objective._other(label)
    assert (other != label).all()
    assert all((other[label == k].bincount(minlength=3) > 60).sum() == 2 for k in range(3))


def test_edited_words_weigh_more(model):
    """A source without word 8: the target's 8 counts three times."""
    x, source = batch(), collate([[BOS, 7, 9, EOS], ROWS[1], ROWS[2]], LABELS)
    plain, weighted = (turn(model, x, source, warmup=1, edited=e).losses["rec"].item() for e in (1.0, 3.0))
    nats = model.seq2seq.token_nll(model.seq2seq.start(source, x.label), x)[0, 1].item()
    assert weighted == pytest.approx(plain + 2 * nats / 3, rel=1e-4)


def test_an_untagged_corpus_is_refused(model):
    with pytest.raises(ValueError, match="tag the corpus"):
        turn(model, collate(ROWS, LABELS))
    assert "content" not in turn(model, collate(ROWS, LABELS), weights={"content": 0.0}).losses


def test_the_way_back_reads_soft_words_as_it_reads_others(model):
    x, y = batch(), collate([ROWS[2], [BOS, 4, 9, EOS], ROWS[0]], [1, 2, 0])
    rows = torch.nn.functional.one_hot(y.targets, 23).float()
    said = SoftSentence(rows, rows, y.targets, {"attention": torch.ones(3, 6, x.tokens.shape[1])})
    objective = CollaborativeObjective(model)
    objective._other, objective._transfer = lambda label: y.style, lambda x, wanted: said
    loss = next(objective.turns(iter([PairBatch(x, x)]), 0)).losses["back_rec"]
    expected = -model.seq2seq.log_likelihood(model.seq2seq.start(y, x.style), x).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_decoder_without_a_pointer_learns_on_soft_words():
    made = Collaborative(replace(CONFIG, seq2seq=SIZES | {"copy": False}))
    assert reached(made, turn(made, replay=False).losses["class_td"]) == ALL


def test_where_there_are_fewer_sentences_than_beams_the_last_are_pads(model):
    """23 of one word at most; nothing is NaN, and the classifier reads them."""
    tokens, scores = model.eval().candidates(batch(), torch.tensor([1, 2, 0]), n_best=30, max_length=1)
    assert (scores[:, 23:] == -torch.inf).all() and torch.isfinite(scores[:, :23]).all()
    assert not tokens[:, 23:].any()
    assert torch.isfinite(model.classify(flattened(tokens))).all()


def test_candidates_come_best_first_and_one_is_greedy(model):
    model.eval()
    x, wanted = batch(), torch.tensor([1, 2, 0])
    tokens, scores = model.candidates(x, wanted, n_best=5)
    assert tokens.shape[:2] == (3, 5) and (scores[:, :-1] >= scores[:, 1:]).all()
    one, score = model.candidates(x, wanted, n_best=1)
    assert one.shape[:2] == (3, 1) and score.shape == (3, 1)
    assert not ((tokens == PAD).all(-1) & torch.isfinite(scores)).any()


@pytest.mark.parametrize(("back", "prior"), [(1.0, 0.0), (0.5, 0.5)])
def test_candidates_are_ranked_by_both_directions_and_the_prior(model, back, prior):
    model.eval()
    model.config = replace(model.config, back=back, prior=prior)
    x, wanted = batch(), torch.tensor([1, 2, 0])
    tokens, scores = model.candidates(x, wanted, n_best=3)
    said = [BOS, *(i for i in tokens[2, 0].tolist() if i != PAD)]
    one, y = (
        TextBatch(torch.tensor([ids]), torch.tensor([len(ids)])) for ids in (x.tokens[2, : x.lengths[2]].tolist(), said)
    )
    nothing = TextBatch(torch.tensor([[BOS, EOS]]), torch.tensor([2]))

    def likelihood(source, style, target, wanted):
        source = replace(source, label=torch.tensor([style]))
        probs, _ = model.seq2seq.forced(model.seq2seq.start(source, torch.tensor([wanted])), target.inputs)
        return probs[0].gather(-1, target.targets[0, :, None]).log().sum()

    own = int(x.label[2])
    both = likelihood(one, own, y, 0) + back * likelihood(y, 0, one, own)
    mean = (both + prior * likelihood(nothing, own, y, 0)) / (1 + back)
    assert torch.isclose(scores[2, 0], mean, atol=1e-3)


@pytest.mark.parametrize("n_best", [1, 4])
def test_words_of_a_style_are_said_in_it_alone_whatever_the_batch(model, n_best):
    model.eval()
    listed = torch.zeros(3, 23, dtype=torch.bool)
    listed[0, 17:19] = listed[1, 19:21] = listed[2, 21:23] = True
    model.list_words(listed)
    x, wanted = batch(), torch.tensor([2, 1, 2])
    tokens, scores = model.candidates(x, wanted, n_best, max_length=5)
    for row in range(3):
        one, own = model.candidates(x.rows(torch.tensor([row])), wanted[row : row + 1], n_best, max_length=5)
        assert torch.equal(one[0], tokens[row, :, : one.shape[-1]]) and torch.allclose(own[0], scores[row])
        said = set(tokens[row].flatten().tolist()) - {PAD, EOS, *range(3, 6), *ROWS[row]}
        assert said <= set(listed[wanted[row]].nonzero().flatten().tolist())


def test_beams_with_the_style_are_kept(model):
    """Of twice as many beams those that the classifier finds in the wanted style; the same number of candidates."""
    model.eval()
    target = torch.tensor([1, 0, 1])
    with torch.no_grad():
        beams, scores = model.candidates(batch(), target, 8)
        styles = model.classify(TextBatch(beams.flatten(0, 1), (beams.flatten(0, 1) != PAD).sum(1))).argmax(-1)
        model.config = replace(model.config, searched=2)
        kept, _ = model.candidates(batch(), target, 4)
    for row in range(3):
        found = {
            tuple(w for w in ids if w): style
            for ids, style in zip(beams[row].tolist(), styles.view(3, 8)[row].tolist(), strict=True)
        }
        mine = [found[tuple(w for w in ids if w)] == int(target[row]) for ids in kept[row].tolist()]
        assert kept.shape[1] == 4 and sum(mine) == min(4, sum(style == int(target[row]) for style in found.values()))
    assert scores.shape == (3, 8)


def test_classify_gives_log_probabilities(model):
    assert torch.allclose(model.eval().classify(batch()).exp().sum(-1), torch.ones(3), atol=1e-6)


def test_a_folder_gives_the_same_model_back(model, tmp_path):
    model.eval().save_pretrained(tmp_path, labels=["a", "b", "c"])
    again = load(tmp_path)
    assert torch.equal(again.classify(batch()), model.classify(batch()))
    assert again.config == model.config and again.config.seq2seq["attention"] == "additive"
