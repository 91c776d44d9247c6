"""Algorithm 1, turn by turn. V=23, S=2 or 3 styles, E=7, D=13, H=11, Z=5."""

import itertools
from functools import partial

import pytest
import torch

from textdis.core import precision
from textdis.core.batch import BOS, EOS, PAD, TextBatch
from textdis.core.codes import CodeModel
from textdis.core.model import load
from textdis.losses import vocabulary
from textdis.nn import decoding
from textdis.pipelines.rewriter import TransferModel
from textdis.systems.arae import ARAEObjective, decaying
from textdis.systems.arae_model import ARAE, ARAEConfig
from textdis.text.batches import collate

ROWS = [[BOS, 7, 8, 9, EOS], [BOS, EOS], [BOS, 12, 13, 14, 15, 16, EOS], [BOS, 5, 6, EOS]]
LABELS = [0, 1, 1, 0]
SIZES = {"embedding": 7, "code": 13, "hidden": 11, "noise": 5, "generator": (17,)}


def config(**fields):
    return ARAEConfig(23, **({"styles": 2} | SIZES | fields))


def objective(model=None, **options):
    torch.manual_seed(0)
    return ARAEObjective(model or ARAE(config()), hidden=(19,), **options).train()


def batch(labels=LABELS):
    return collate(ROWS, labels)


def taken(made, batches=None, step=0):
    """Takes the turns of one step: (turn, parameters before, parameters after) of each."""
    players = made.players()
    for turn in made.turns(batches or itertools.repeat(batch()), step):
        before = {name: p.detach().clone() for name, p in made.named_parameters()}
        players[turn.player].backward(turn.total)
        players[turn.player].step()
        yield turn, before, {name: p.detach() for name, p in made.named_parameters()}


def parts(before, after):
    return {".".join(name.split(".")[:2]) for name in before if not torch.equal(before[name], after[name])}


# --- the algorithm ------------------------------------------------------------------------------


def test_the_turns_of_a_step_are_those_of_algorithm_1_and_each_moves_its_own():
    seen = [(turn.player, *turn.losses, parts(before, after)) for turn, before, after in taken(objective())]
    critic = {"critic.0", "critic.2"}
    assert seen == [
        ("autoencoder", "nll", {"model.encoder", "model.decoders", "model.out"}),
        *[("critic", "gap", critic)] * 5,
        ("classifier", "label", {"classifier.0", "classifier.2"}),
        ("generator", "fake", "norm", {"model.generator"}),
        ("encoder", "real", {"model.encoder"}),
        ("confuser", "flipped", {"model.encoder"}),
    ]


def test_every_substep_samples_anew():
    drawn = []

    def feed():
        while True:
            drawn.append(batch())
            yield drawn[-1]

    list(taken(objective(critic_steps=3), feed()))
    assert len(drawn) == 1 + 3 + 1 + 1 + 1  # (1), (2) three times, (2b), (3), (3b)


def test_the_critic_climbs_and_is_clipped_before_and_after_each_step():
    made = objective(bound=0.003)
    largest = lambda: max(p.abs().max().item() for p in made.critic.parameters())  # noqa: E731
    assert largest() > 0.003
    for turn, *_ in taken(made):
        assert largest() <= 0.003 + 1e-9
        if turn.player == "critic":
            assert turn.total.item() == pytest.approx(-turn.losses["gap"].item())


def test_a_critic_without_clipping_may_grow():
    for way in ("penalty", "spectral"):
        made = objective(lipschitz=way, bound=0.003)
        turns = [turn for turn, *_ in taken(made)]
        assert max(p.abs().max().item() for p in made.critic.parameters()) > 0.003
        assert ("slope" in turns[1].losses) == (way == "penalty")


def test_the_encoder_lowers_the_critic_and_the_generator_raises_it():
    """Descending the turn's total moves f of the same codes to the side it should go."""
    made = objective(bound=1.0)
    noise = torch.randn(64, 5)

    def scores():
        with torch.no_grad():
            return made.critic(made.model.encode(batch())).mean().item(), made.critic(
                made.model.imagine(noise)
            ).mean().item()

    for turn, *_ in taken(made):
        now = scores()
        if turn.player == "generator":
            assert now[1] > last[1]  # noqa: F821
        elif "real" in turn.losses:
            assert now[0] < last[0]  # noqa: F821
        last = now  # noqa: F841


def test_codes_of_the_critic_and_classifier_are_detached_and_those_of_the_encoder_are_not():
    made = objective()
    for turn, *_ in taken(made):
        if turn.player in ("critic", "classifier"):
            with pytest.raises(RuntimeError):  # no path from these losses to the encoder
                torch.autograd.grad(turn.total, list(made.model.encoder.parameters()))


def test_lambda1_scales_the_share_of_the_encoder_alone():
    def moves(weight):
        made = objective(lambda1=weight, lambda2=0.0, lipschitz="spectral")
        return {
            (turn.player, i): sum((after[n] - before[n]).square().sum().item() for n in after) ** 0.5
            for i, (turn, before, after) in enumerate(taken(made))
        }

    small, large = moves(0.5), moves(50.0)  # so large that the gradient is, too
    for key in small:
        factor = 100.0 if key[0] == "encoder" else 1.0
        assert large[key] == pytest.approx(factor * small[key], rel=1e-3)


def test_the_rate_falls_once_a_step_for_all_shares_of_the_encoder():
    made = objective(schedule=lambda step: 0.5**step)
    players = made.players()
    for step in range(3):
        for turn in made.turns(itertools.repeat(batch()), step):
            players[turn.player].backward(turn.total)
            players[turn.player].step()
    assert [players[name].steps for name in ("autoencoder", "encoder", "confuser")] == [3, 3, 3]


def test_step_3b_wants_the_flipped_label():
    made = objective()
    with torch.no_grad():  # a classifier that is sure of style 1, whatever comes
        made.classifier[-1].weight.zero_()
        made.classifier[-1].bias.copy_(torch.tensor([-10.0, 10.0]))
    for labels, nats in (([1, 1, 1, 1], 20.0), ([0, 0, 0, 0], 0.0)):
        with torch.no_grad():
            *_, turn = made.turns(itertools.repeat(batch(labels)), 0)
        assert turn.losses["flipped"].item() == pytest.approx(nats, abs=1e-3)


def test_noise_enters_step_1_of_training_and_nothing_else(monkeypatch):
    made = objective(noise=decaying(0.1, 0.5))
    noisy = []
    monkeypatch.setattr(made, "_noisy", lambda codes, step: noisy.append(step) or codes)
    list(taken(made, step=7))
    assert noisy == [7]
    monkeypatch.undo()
    codes = made.model.encode(batch()).detach()
    far = [(made._noisy(codes, step) - codes).norm() / 52**0.5 for step in (0, 100, 250)]
    assert [round(float(x), 2) for x in far] == pytest.approx([0.1, 0.05, 0.025], rel=0.35)
    assert torch.equal(made.eval()._noisy(codes, 0), codes)


def test_weights_of_zero_leave_players_out():
    def players(**options):
        return {turn.player for turn, *_ in taken(objective(**options))}

    assert players(lambda1=0.0, lambda2=0.0) == {"autoencoder"}
    assert players(lambda1=0.0) == {"autoencoder", "classifier", "confuser"}
    assert players(lambda2=0.0) == {"autoencoder", "critic", "generator", "encoder"}
    assert "classifier" not in {turn.player for turn, *_ in taken(objective(ARAE(config(styles=1))))}


@pytest.mark.parametrize("decoders", ["separate", "shared"])
@pytest.mark.parametrize("confusion", ["flipped", "uniform", "ascent"])
def test_three_styles(decoders, confusion):
    made = objective(ARAE(config(styles=3, decoders=decoders)), confusion=confusion)
    turns = [turn for turn, *_ in taken(made, itertools.repeat(batch([0, 1, 2, 2])))]
    assert all(loss.isfinite() for turn in turns for loss in turn.losses.values())
    assert made.model.eval().classify(batch()).exp().sum(-1).tolist() == pytest.approx([1.0] * 4, abs=1e-5)


def test_a_batch_of_one_sentence_trains():
    assert len(list(taken(objective(), itertools.repeat(collate([[BOS, 5, EOS]], [1]))))) == 10


def test_validation_takes_step_1_alone_without_noise():
    made = objective().eval()
    assert torch.equal(made.validate(batch(), 0)["nll"], made.validate(batch(), 0)["nll"])


# --- the model ----------------------------------------------------------------------------------


@pytest.fixture(params=["separate", "shared"])
def model(request):
    torch.manual_seed(0)
    return ARAE(config(decoders=request.param)).eval()


def test_it_serves_as_code_and_transfer_model(model):
    assert isinstance(model, CodeModel) and isinstance(model, TransferModel)
    assert model.code_size == 13


def test_codes_have_norm_one_also_of_an_empty_sentence(model):
    assert model.encode(batch()).norm(dim=-1).tolist() == pytest.approx([1.0] * 4, abs=1e-5)


def test_a_state_of_zeros_is_no_division_by_zero(model):
    for p in model.encoder.parameters():
        torch.nn.init.zeros_(p)
    codes = model.encode(batch())
    codes.sum().backward()
    assert torch.equal(codes, torch.zeros(4, 13))
    assert all(p.grad.isfinite().all() for p in model.encoder.parameters())


def test_the_generator_can_reach_norm_one():
    """Trained to, as the critic would; nothing in its form may forbid it."""
    model = ARAE(config())
    adam = torch.optim.Adam(model.generator.parameters(), lr=1e-2)
    for _ in range(100):
        loss = (model.prior(64).norm(dim=-1) - 1).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert model.prior(500).norm(dim=-1).mean().item() == pytest.approx(1.0, abs=0.05)


def test_likelihood_is_that_of_the_own_decoder_and_pads_change_nothing(model):
    codes = model.encode(batch())
    alone = [model.nll(codes[i : i + 1], collate([ROWS[i]], [LABELS[i]])).item() for i in range(4)]
    wide = TextBatch(torch.nn.functional.pad(batch().tokens, (0, 3), value=PAD), batch().lengths, batch().label)
    for given in (batch(), wide):
        assert model.nll(codes, given).item() == pytest.approx(sum(alone) / 4, rel=1e-5)
    other = collate([ROWS[0]], [1])
    assert model.nll(codes[:1], other).item() != pytest.approx(alone[0], rel=1e-3)


def test_a_sentence_has_the_style_that_finds_it_likeliest(model):
    nats = torch.tensor(
        [[model.nll(model.encode(b), b).item() for b in (collate([row], [0]), collate([row], [1]))] for row in ROWS]
    )
    torch.testing.assert_close(model.classify(batch()), (-nats).log_softmax(-1), rtol=1e-4, atol=1e-4)


def test_candidates_are_greedy_in_the_decoder_of_the_target(model):
    target = torch.tensor([1, 0, 0, 1])
    tokens, scores = model.candidates(batch(), target, n_best=1)
    assert tokens.shape[:2] == (4, 1) and scores.shape == (4, 1)
    longest = int(decoding.room(batch().lengths).max())
    for i in range(4):
        alone = model.say(model.encode(batch())[i : i + 1], longest, target[i : i + 1])[0]
        found = tokens[i, 0]
        assert found[found != PAD].tolist() == alone[alone != PAD].tolist()
    best, means = model.candidates(batch(), target, n_best=3)
    assert best.shape[:2] == (4, 3) and (means.diff(dim=-1) <= 0).all()


def test_a_code_without_a_style_is_said_in_the_likelier_one(model):
    codes = model.encode(batch())
    said, every = model.say(codes, 6), []
    for style in (0, 1):
        tokens, scores = model.decode(codes, torch.full((4,), style), partial(decoding.greedy, max_length=6))
        every.append((tokens, scores / (tokens != PAD).sum(-1)))
    for i in range(4):
        tokens = max((pair for pair in every), key=lambda pair: pair[1][i])[0][i]
        assert said[i][said[i] != PAD].tolist() == tokens[tokens != PAD].tolist()


@pytest.mark.skipif(not precision.bf16_instructions(), reason="an LSTM in bfloat16 needs a processor that has it")
def test_inexact_products_train_validate_and_rewrite_near_the_exact_ones(model, monkeypatch):
    exact = model.encode(batch()), model.nll(model.encode(batch()), batch())
    monkeypatch.setattr(precision, "half_products", lambda: True)
    monkeypatch.setattr(vocabulary, "half_products", lambda: True)
    made = objective(model)
    loss = made.validate(batch(), 0)["nll"]
    assert loss.dtype == torch.float32
    with torch.no_grad():
        codes = model.encode(batch())
        assert codes.dtype == torch.float32 and not torch.equal(codes, exact[0])
        torch.testing.assert_close(codes, exact[0], rtol=0.05, atol=0.02)
        torch.testing.assert_close(model.nll(codes, batch()), exact[1], rtol=0.02, atol=0.05)
        for n_best in (1, 3):
            tokens, scores = model.candidates(batch(), 1 - batch().style, n_best)
            assert tokens.shape[:2] == scores.shape == (4, n_best) and scores.dtype == torch.float32
        assert model.classify(batch()).exp().sum(-1).allclose(torch.ones(4))
    assert all(turn.total.dtype == torch.float32 for turn, _, _ in taken(made))


def test_in_half_precision_the_critic_s_losses_are_float32():
    made = objective(lambda2=0.0)
    made.critic.bfloat16()
    made.model.generator.bfloat16()
    made.model.prior = lambda count: made.model.imagine(torch.randn(count, 5).bfloat16())
    made.model.encode = lambda x: torch.randn(len(x), 13).bfloat16()
    made.model.nll = lambda codes, x: codes.float().sum()
    turns = list(made.turns(itertools.repeat(batch()), 0))
    assert {loss.dtype for turn in turns for loss in turn.losses.values()} == {torch.float32}


def test_samples_repeat_under_one_generator(model):
    def drawn(seed):
        generator = torch.Generator().manual_seed(seed)
        return model.sample(model.encode(batch()), 8, torch.tensor(LABELS), generator=generator)

    assert torch.equal(drawn(0), drawn(0)) and not torch.equal(drawn(0), drawn(1))


def test_a_folder_rebuilds_it(model, tmp_path):
    model.save_pretrained(tmp_path)
    again = load(tmp_path)
    assert torch.equal(again.encode(batch()), model.encode(batch()))
    assert torch.equal(again.imagine(torch.ones(3, 5)), model.imagine(torch.ones(3, 5)))


@pytest.mark.parametrize("fields", [{"styles": 0}, {"decoders": "many"}])
def test_impossible_configurations_are_refused(fields):
    with pytest.raises(ValueError, match="separate or shared"):
        config(**fields)
