"""Who says whether a sentence has a style and reads like real text.

Several style judges and one language judge, of any make behind two protocols, each scored on real held-out
sentences before it may judge. None ever reads generated text before it judges it, and none chooses anything on
the held-out sentences, so its score there is honest. Axes: N sentences, S styles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from textdis.core.errors import UserError
from textdis.evaluation import judge_folders as folders
from textdis.evaluation.linear import LinearJudge
from textdis.evaluation.networks import CNNJudge, LSTMJudge
from textdis.evaluation.protocols import HeldOut, LanguageJudge, SentenceNLL, StyleJudge
from textdis.metrics.text import transfer_accuracy

__all__ = ["HeldOut", "Judges", "LanguageJudge", "SentenceNLL", "StyleJudge"]

Manifest = dict[str, Any]  # what `judges.json` holds
FLUENCY = ("perplexity", "unk_share", "tokens")  # scores of the language judge, so no names of style judges
NEEDED = ("labels", "judges", "chance.cnn", "chance.linear", *(f"held_out.{n}" for n in ("cnn", "linear", *FLUENCY)))


class Judges:
    """Style judges by name and a language judge, with the record of how they were made (`manifest`)."""

    def __init__(self, styles: Mapping[str, StyleJudge], language: LanguageJudge, manifest: Manifest):
        self.styles, self.language, self.manifest = dict(styles), language, manifest

    @classmethod
    def composed(
        cls,
        labels: Sequence[str],
        styles: Mapping[str, StyleJudge],
        language: LanguageJudge,
        held_out: HeldOut,
        **notes: Any,
    ) -> Self:
        """Judges of any make, scored on `held_out`; `notes` go into the record. Nothing is refused yet."""
        judges = cls({}, language, {"labels": list(labels), **notes, "judges": {}, "chance": {}, "held_out": {}})
        for name, judge in styles.items():
            judges = judges._with_style(name, judge, held_out)
        return judges._with_language(language, held_out.texts)

    @property
    def labels(self) -> list[str]:
        """Names of the S styles, in the order of the columns of `style`."""
        return self.manifest["labels"]

    @property
    def held_out(self) -> dict[str, float]:
        """Their own scores on real held-out sentences: an accuracy a style judge, perplexity, unk_share, tokens."""
        return self.manifest["held_out"]

    @property
    def fingerprint(self) -> str:
        """Changes with data, configuration, seed, weights and scores."""
        return folders.fingerprint(self.manifest)

    def style(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """p(style | text) by each style judge. {name: [N, S]}"""
        return {name: judge.probabilities(texts) for name, judge in self.styles.items()}

    def nll(self, texts: Sequence[str]) -> SentenceNLL:
        """What each text costs the language judge."""
        return self.language.nll(texts)

    def perplexity(self, texts: Sequence[str]) -> dict[str, float]:
        """{"perplexity", "unk_share", "tokens"} of all texts together; see `SentenceNLL.summary`."""
        return self.nll(texts).summary()

    def with_style(
        self, name: str, judge: StyleJudge, held_out: HeldOut, *, threshold: float | None = None, force: bool = False
    ) -> Self:
        """These judges and one more, once it has shown on real held-out sentences that it may judge.

        Raises UserError as `require` does, unless `force`; for a name that is taken; for other styles.
        """
        judges = self._with_style(name, judge, held_out)
        if not force:
            judges.require(threshold)
        return judges

    def with_language(self, judge: LanguageJudge, texts: Sequence[str]) -> Self:
        """These judges with another language judge; `texts`: real held-out sentences, to hold others against."""
        return self._with_language(judge, texts)

    def rescored(self, held_out: HeldOut) -> Self:
        """The same judges with scores of their own on other real sentences: after weights were rounded, say."""
        made = ("format", "labels", "judges", "chance", "held_out", "files", "fingerprint")
        notes = {key: value for key, value in self.manifest.items() if key not in made}
        return type(self).composed(self.labels, self.styles, self.language, held_out, **notes)

    def require(self, threshold: float | None = None) -> None:
        """Raises UserError for the first of `weak`."""
        for message in self.weak(threshold):
            raise UserError(message)

    def weak(self, threshold: float | None = None) -> list[str]:
        """What is wrong with each style judge whose own held-out accuracy is below `threshold`.

        By default half of the way from chance, the share of the commonest style, to 1: 75 % of two even styles,
        67 % of three. There a judge that errs evenly shows any difference between two systems at half its size. The
        classifier of Melnyk et al. (2017), 82 % right on Amazon's sentences, passes; one that guesses does not.
        """
        found = []
        for name in self.styles:
            accuracy, chance = self.held_out[name], self.manifest["chance"][name]
            needed = (1 + chance) / 2 if threshold is None else threshold
            if accuracy < needed:
                what = f"the {name} judge is right on only {accuracy:.1%} of real held-out sentences"
                bounds = f"({needed:.1%} needed, {chance:.1%} by chance)"
                found.append(f"{what} {bounds}: fit it on more data, or force it")
        return found

    @classmethod
    def load(cls, name: str | Path, *, threshold: float | None = None, force: bool = False) -> Self:
        """The judges that ship under that name (`yelp`), or those of a folder.

        Raises UserError: neither, a manifest without what is asked of it, a file that changed since the fit, or judges
        too weak to be trusted (`weak`), unless `force`.
        """
        folder = folders.find(name)
        manifest = folders.read(folder, *NEEDED)
        styles: dict[str, StyleJudge] = {
            "cnn": CNNJudge.load(folder / "cnn"),
            "linear": LinearJudge.load(folder / "linear"),
        }
        judges = cls(styles, LSTMJudge.load(folder / "language_model"), manifest)
        if not force:
            judges.require(threshold)
        return judges

    def _with_style(self, name: str, judge: StyleJudge, held_out: HeldOut) -> Self:
        if name in (*self.held_out, *FLUENCY):
            raise UserError(f"a judge called {name!r} is there already; choose another name")
        texts, labels = held_out
        probabilities = judge.probabilities(texts)
        if probabilities.shape != (len(texts), len(self.labels)):
            what = f"the {name} judge gives {probabilities.shape} numbers for {len(texts)} texts"
            raise UserError(f"{what} of the styles {', '.join(self.labels)}; take one that knows these and no others")
        accuracy = transfer_accuracy(probabilities.argmax(-1), labels)["accuracy"]
        chance = max(np.bincount(labels)) / len(labels)
        record = self._record({name: judge}, {name: accuracy}, {name: float(chance)})
        return type(self)(self.styles | {name: judge}, self.language, record)

    def _with_language(self, judge: LanguageJudge, texts: Sequence[str]) -> Self:
        return type(self)(self.styles, judge, self._record({"language": judge}, judge.nll(texts).summary(), {}))

    def _record(self, made: Mapping[str, Any], scores: Mapping[str, float], chance: Mapping[str, float]) -> Manifest:
        """The manifest with other judges in it."""
        names = {name: getattr(judge, "fingerprint", type(judge).__qualname__) for name, judge in made.items()}
        news = {"judges": names, "held_out": scores, "chance": chance}
        return self.manifest | {key: {**self.manifest[key], **value} for key, value in news.items()}
