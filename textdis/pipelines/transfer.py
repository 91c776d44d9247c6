"""Raw lines in, lines in another style out: parse, judge, rewrite, choose, restore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import torch

from textdis.core.errors import UserError
from textdis.core.model import ModelError, load, read_config
from textdis.pipelines.folders import choose_device, find_model, quantised
from textdis.pipelines.idioms import Idioms
from textdis.pipelines.names import COMMON, with_names
from textdis.pipelines.options import TransferOptions
from textdis.pipelines.results import LineResult, SentenceResult, word_changes
from textdis.pipelines.rewriter import Rewriter, TransferModel, Verdict
from textdis.pipelines.texts import read_texts
from textdis.pipelines.words import with_whole_words
from textdis.text.mending import mended
from textdis.text.normalise import Line, Sentence, is_wordy, parse, restore, split_clauses
from textdis.text.tokenizer import Tokenizer, WordTokenizer, load_tokenizer

FIRST_LINES, MOST_LINES, MOST_CHARACTERS = 32, 2048, 200_000  # of a chunk: what is held in memory at once
LONGEST = 15  # tokens of a sentence, unless the model's notes tell how long those were that it learned from


class Transfer:
    """Rewrites raw text sentence by sentence: `transfer(text)`, or `transfer.rewrite(lines)` for the details.

    labels: names of the styles, in the model's order. neutral: a style less probable than this counts as none.
    idioms: phrases that tell the style of a source, whatever the model says.
    longest: tokens of a sentence; longer ones are cut into clauses, and what stays longer is left alone.
    Options of all three methods: the fields of `TransferOptions`.
    """

    def __init__(
        self,
        model: TransferModel,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        *,
        neutral: float = 0.0,
        idioms: Idioms | None = None,
        longest: int = LONGEST,
        device: str = "cpu",
    ):
        self.labels, self.longest = list(labels), longest
        self.rewriter = Rewriter(model, tokenizer, neutral=neutral, idioms=idioms, device=device)
        self.common: frozenset[str] | None = None  # for `with_names`; without slots a model copies no word it never saw
        if isinstance(tokenizer, WordTokenizer) and tokenizer.slots:
            self.common = frozenset(tokenizer.words[:COMMON])

    @classmethod
    def from_folder(
        cls, model: str | Path, *, device: str = "auto", threads: int | None = None, int8: bool = False
    ) -> Transfer:
        """The model of that name, folder, or name on the hub. Raises UserError where it cannot be used."""
        if threads is not None:
            if threads < 1:
                raise UserError(f"threads is {threads}; give 1 or more")
            torch.set_num_threads(threads)
        folder, device = find_model(model), choose_device(device)
        if int8 and device != "cpu":
            raise UserError(f"int8 runs on a CPU only, and the device is {device}; add --device cpu")
        notes, network = read_config(folder), load(folder, device=device)
        labels = notes.get("labels")
        if not isinstance(network, TransferModel) or not isinstance(labels, list):
            raise ModelError(f"{folder}: holds a {notes['model']}, which cannot rewrite; give a transfer model")
        tokenizer = load_tokenizer(folder)
        styles, words = network.config.styles, network.config.vocabulary
        if (len(labels), tokenizer.size) != (styles, words):
            what = f"{len(labels)} labels and {tokenizer.size} words for a model of {styles} and {words}"
            raise ModelError(f"{folder}: {what}; fetch the folder again")
        options = {"neutral": notes.get("neutral", 0.0), "longest": notes.get("longest", LONGEST), "device": device}
        options["idioms"] = Idioms.of_folder(folder, labels)
        return cls(quantised(network) if int8 else network, tokenizer, labels, **options)

    @overload
    def __call__(self, text: str, **options: Any) -> str: ...
    @overload
    def __call__(self, text: Sequence[str], **options: Any) -> list[str]: ...
    def __call__(self, text: str | Sequence[str], **options: Any) -> str | list[str]:
        """The rewriting of a text, or of each text of a list."""
        outputs = [result.output for result in self.rewrite([text] if isinstance(text, str) else text, **options)]
        return outputs[0] if isinstance(text, str) else outputs

    def rewrite(self, lines: Iterable[str], **options: Any) -> Iterator[LineResult]:
        """A result for each line, in order; memory does not grow with their number."""
        for results in self.chunks(lines, **options):
            yield from results

    def chunks(self, lines: Iterable[str], *, done: int = 0, **options: Any) -> Iterator[list[LineResult]]:
        """As `rewrite`, some lines at a time: 32 first, so that something comes soon, then up to 2,048.

        `done` lines were treated before; chunks are then cut where a run that never stopped would cut them.
        Raises UserError at once for bad options and for what is no list of texts.
        """
        texts, chosen = read_texts(lines), TransferOptions.named(options)
        return self._chunks(texts, done, self.target(chosen.to), self.source(chosen.source), chosen)

    def source(self, style: str | None) -> int | None:
        """The number of the style that sentences are said to have. Raises UserError for a style there is not."""
        if style is not None and style not in self.labels:
            raise UserError(f"no style {style!r}; this model has {', '.join(self.labels)}")
        return None if style is None else self.labels.index(style)

    def target(self, to: str) -> int | None:
        """The number of the style `to`; None for `opposite`. Raises UserError for a style there is not."""
        names = ", ".join(self.labels)
        if to in self.labels:
            return self.labels.index(to)
        if to != "opposite":
            raise UserError(f"no style {to!r}; this model has {names}{', opposite' * (len(self.labels) == 2)}")
        if len(self.labels) != 2:
            raise UserError(f"`opposite` needs a model of two styles, this one has {names}; say which with --to")
        return None

    def _chunks(
        self, lines: Iterator[str], done: int, target: int | None, source: int | None, options: TransferOptions
    ) -> Iterator[list[LineResult]]:
        while chunk := _take(lines, min(MOST_LINES, max(FIRST_LINES, done))):
            done += len(chunk)
            parsed = [self._parse(line) for line in chunk]
            sentences = {s.closed_text: s for line in parsed for s in line.sentences}
            verdicts = {text: Verdict(reason=self._obstacle(text, s)) for text, s in sentences.items()}
            verdicts |= self.rewriter([t for t, v in verdicts.items() if v.reason is None], target, options, source)
            yield [self._result(line, verdicts) for line in parsed]

    def _parse(self, line: str) -> Line:
        """Sentences, and the clauses of those that are too long."""
        segments: list[Sentence | str] = []
        for segment in parse(line).segments:
            segments += [segment] if isinstance(segment, str) else split_clauses(self._named(segment), self.longest)
        return Line(tuple(segments))

    def _named(self, sentence: Sentence) -> Sentence:
        return sentence if self.common is None else with_names(with_whole_words(sentence), self.common)

    def _obstacle(self, text: str, sentence: Sentence) -> str | None:
        heading = sentence.tokens[-1].model == ":" and len(sentence.tokens) <= 3  # "Pros:", "Bad points:"
        if heading or not is_wordy(sentence):
            return "nothing to rewrite"
        return "too long" if len(text.split()) > self.longest else None

    def _result(self, line: Line, verdicts: dict[str, Verdict]) -> LineResult:
        results = [self._sentence(s, verdicts[s.closed_text]) for s in line.sentences]
        outputs = iter(results)
        output = "".join(s if isinstance(s, str) else next(outputs).output for s in line.segments)
        source = "".join(s if isinstance(s, str) else s.raw for s in line.segments)
        return LineResult(source, output, results, blank=not source.strip())

    def _sentence(self, sentence: Sentence, verdict: Verdict) -> SentenceResult:
        words = sentence.text.split()
        return SentenceResult(
            sentence.raw,
            sentence.raw if verdict.output is None else restore(sentence, verdict.output),
            self._name(verdict.style),
            verdict.probability,
            self._name(verdict.output_style),
            verdict.output_probability,
            verdict.similarity,
            [] if verdict.output is None else word_changes(words, mended(verdict.output, sentence)),
            verdict.reason,
        )

    def _name(self, style: int | None) -> str | None:
        return None if style is None else self.labels[style]


def _take(lines: Iterator[str], count: int) -> list[str]:
    """The next lines: at most `count` of them, and no more once they hold 200,000 characters."""
    taken: list[str] = []
    characters = 0
    for line in lines:
        taken.append(line)
        characters += len(line)
        if len(taken) == count or characters >= MOST_CHARACTERS:
            break
    return taken
