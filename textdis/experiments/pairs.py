"""Pseudo-parallel pairs: real sentences, and what a transfer model makes of them in another style.

A model that learns to say the real sentence when it is shown the made one never learns to say what was made (Sennrich
et al., 2016, "Improving Neural Machine Translation Models with Monolingual Data"). `make_pairs` is called once a run;
stopped and called again, it goes on in its file.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from textdis.core.batch import TextBatch, begun
from textdis.core.errors import UserError
from textdis.core.model import load, read_config
from textdis.experiments.data import Sentences
from textdis.systems.collaborative import Collaborative
from textdis.systems.reranker import writer_of
from textdis.text.batches import collate
from textdis.text.tokenizer import Tokenizer, WordTokenizer, load_tokenizer
from textdis.training import processes

say = logging.getLogger(__name__)
KEPT = 2  # of them at most, for one sentence
SURE = 0.9  # least probability, by the model's own classifier, that a rewriting has its style
OWN = 0.7  # and that the real sentence has its own: what has no style teaches nothing
NEUTRAL = 0.8  # a style below this probability leaves a sentence alone, by a classifier that knows labels alone
NOTED = ("labels", "neutral", "trained_on", "longest")  # by a transfer model's folder, for the pipeline

Source = tuple[list[int], int]  # ids, style


@dataclass(frozen=True)
class Made:
    """What a model made of one sentence."""

    row: int  # of the corpus
    style: int  # that was asked for
    own: float  # probability that the real sentence has its own style
    texts: list[str]
    scores: list[float]  # the model's, nats a sentence
    sure: list[float]  # probabilities of `style`

    def kept(self, source: str, floor: float, slope: float = 0.0) -> list[str]:
        """The best of them that have the style, score at least `floor`, and are not `source` itself.

        slope: what each word of a rewriting adds to `floor`, in nats.
        """
        if self.own < OWN:
            return []
        rows = zip(self.texts, self.scores, self.sure, strict=True)
        styled = [(text, score) for text, score, sure in rows if sure >= SURE and text != source]
        good = [text for text, score in styled if score >= floor + slope * len(text.split())]
        return list(dict.fromkeys(good))[:KEPT]


def make_pairs(
    folder: str,
    sentences: Sentences,
    tokenizer: Tokenizer,
    path: Path,
    *,
    offered: int = 3,
    floor: float = -5.0,
    slope: float = 0.0,
) -> list[list[Source]]:
    """For each sentence the rewritings by the model in `folder` that are good enough, in the ids of `tokenizer`.

    path: the file that keeps what was made; offered: rewritings that are asked for; floor and slope: the least score of
    one, floor + slope * its words, as the model scores its candidates (in nats; phrase swap's are relative to the
    source's, others fall with the length).
    Raises UserError: a model of other styles, a file of other sentences.
    """
    sources: list[list[Source]] = [[] for _ in sentences.texts]
    for made in rewritings(folder, sentences, path, offered):
        real = sentences.texts[made.row]
        for text in made.kept(real, floor, slope):
            if unknown(text, tokenizer) == unknown(real, tokenizer):  # slots are numbered alike on both sides
                sources[made.row].append((tokenizer.encode(text), made.style))
    share = sum(map(bool, sources)) / len(sources)
    say.info("%s rewrote %d sentences, %.0f %% of them well enough", folder, len(sources), 100 * share)
    return sources


def unknown(text: str, tokenizer: Tokenizer) -> list[str]:
    """The unknown words of a text in the order of the slots they take; none for tokenizers that know all."""
    return list(tokenizer.slot_ids(text)) if isinstance(tokenizer, WordTokenizer) else []


def rewritings(folder: str, sentences: Sentences, path: Path, offered: int = 3, batch_size: int = 128) -> list[Made]:
    """One for each sentence, from the file or made now; the style is drawn evenly from those a sentence has not.

    Under torchrun the first process keeps the file, and tells the others.
    """
    return [made for some in processes.told(_kept(folder, sentences, path, offered, batch_size)) for made in some]


def _kept(folder: str, sentences: Sentences, path: Path, offered: int, batch_size: int) -> Iterator[list[Made]]:
    """What stands in the file, then batch by batch what is made and added to it."""
    done = _read(path, sentences)
    yield done
    if len(done) < len(sentences.texts):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            for made in _made(folder, sentences, len(done), offered, batch_size):
                file.write("".join(json.dumps(vars(one)) + "\n" for one in made))
                file.flush()
                yield made


def _read(path: Path, sentences: Sentences) -> list[Made]:
    """What stands in the file, in order; a line that was cut off at the end is dropped from it."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole, encoding="utf-8")
    done = [Made(**json.loads(line)) for line in whole.splitlines()]
    if [made.row for made in done] != _order(sentences)[: len(done)]:
        raise UserError(f"{path}: rewritings of other sentences; remove it, or choose another output")
    return done


def _order(sentences: Sentences) -> list[int]:
    """Short ones first."""
    return sorted(range(len(sentences.texts)), key=lambda row: len(sentences.texts[row].split()))


def notes_for(folder: str, sentences: Sentences) -> dict[str, Any]:
    """What a transfer model's folder notes. Raises UserError where its styles are not those of the sentences."""
    notes = read_config(Path(folder))
    if (styles := notes.get("labels") or ["no style"]) != sentences.names:
        what = f"{folder}: rewrites {', '.join(styles)}, and the sentences are {', '.join(sentences.names)}"
        named = "name the txt files after the model's styles (my.negative.txt: negative) and give them in its order"
        raise UserError(f"{what}; {named}, or give a table whose label column holds those names")
    return notes


def noted(notes: dict[str, Any]) -> dict[str, Any]:
    """What of a folder's notes a model that begins with it hands on."""
    return {name: notes[name] for name in NOTED if name in notes}


def alone(notes: dict[str, Any]) -> dict[str, Any]:
    """The notes of a reranker as they fit its writer alone, which does not know what readers called neutral."""
    return notes | {"neutral": NEUTRAL} if notes["config"].get("opinion_grams") else notes


def open_writer(folder: str) -> tuple[Collaborative, dict[str, Any], Tokenizer]:
    """The collaborative model of a folder, or that of its reranker, with its notes and words. Raises UserError."""
    model = writer_of(load(folder))
    if not isinstance(model, Collaborative):
        raise UserError(f"{folder}: holds no collaborative model; give the folder of one")
    return model, read_config(folder), load_tokenizer(folder)


@torch.inference_mode()
def _made(folder: str, sentences: Sentences, done: int, offered: int, batch_size: int) -> Iterator[list[Made]]:
    notes_for(folder, sentences)
    model: Any = load(folder)
    tokenizer, rng = load_tokenizer(folder), torch.Generator().manual_seed(0)
    other = torch.randint(1, len(sentences.names), (len(sentences.texts),), generator=rng)
    rows = _order(sentences)[done:]
    for start in range(0, len(rows), batch_size):  # in the order of the file, from which a later call goes on
        part = rows[start : start + batch_size]
        texts = [sentences.texts[row] for row in part]
        batch = collate(tokenizer.encode_batch(texts), [sentences.labels[row] for row in part])
        target = (batch.style + other[part]) % len(sentences.names)
        yield _one_batch(model, tokenizer, batch, target, list(zip(part, texts, strict=True)), offered)


def _one_batch(
    model: Any,
    tokenizer: Tokenizer,
    batch: TextBatch,
    target: torch.Tensor,
    sources: Sequence[tuple[int, str]],
    offered: int,
) -> list[Made]:
    own = model.classify(batch).exp().gather(-1, batch.style[:, None]).squeeze(-1)
    tokens, scores = model.candidates(batch, target, offered)  # [B, N, T], [B, N]
    sure = model.classify(begun(tokens, target)[0]).exp().unflatten(0, scores.shape)
    sure = sure.gather(-1, target[:, None, None].expand(*scores.shape, 1)).squeeze(-1)
    columns = (target.tolist(), own.tolist(), tokens.tolist(), scores.tolist(), sure.tolist())
    return [
        Made(row, style, real, [tokenizer.decode(ids, text) for ids in every], score, probability)
        for (row, text), style, real, every, score, probability in zip(sources, *columns, strict=True)
    ]
