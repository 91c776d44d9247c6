"""What `textdis evaluate` gathers before it scores: judges, sentences, systems, baselines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.evaluation.evaluate import Extras, Sources
    from textdis.evaluation.fitted import Baselines
    from textdis.evaluation.judges import Judges

PLACES = {"yelp-li": ("yelp", "li.test"), "amazon-li": ("amazon", "test")}  # published tests by another name


@dataclass(frozen=True)
class Files:
    """Own sentences instead of a recipe's; paths as the options of the same names say."""

    sources: Path | None = None
    references: Sequence[Path] = ()
    labels: Path | None = None
    targets: Path | None = None
    to: str | None = None
    train: Sequence[Path] = ()

    @property
    def read(self) -> list[Path]:
        """All that were given, none of which may be written over."""
        single = (self.sources, self.labels, self.targets)
        return [*self.references, *self.train, *(path for path in single if path is not None)]


@dataclass(frozen=True)
class Task:
    """What systems are asked to do, and who judges it."""

    data: Sources
    judges: Judges
    folder: Path  # of the judges
    recipe: str | None = None  # None: own sentences
    split: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.recipe}, split {self.split}" if self.recipe else "own sentences"


def find_task(
    files: Files, data: str | None, split: str | None, judges: str | None, *, force: bool, nouns: bool
) -> Task:
    """The sentences and the judges. Raises UserError for wishes that exclude one another, and as its parts do."""
    from textdis.evaluation.judge_folders import find
    from textdis.evaluation.judges import Judges

    if files.sources is not None and (data or split):
        raise UserError("--sources are own sentences, --data and --split a recipe's: give one or the other")
    if files.to is not None and files.targets is not None:
        raise UserError("--to is one style for all, --targets one for each: give one or the other")
    recipe, place = (None, None) if files.sources else PLACES.get(data or "yelp", (data or "yelp", "dev"))
    split = split or place
    if files.sources is None and data is None:
        print(f"textdis: the sentences are {recipe}'s, split {split}; --sources FILE takes own ones", file=sys.stderr)
    folder = find(judges or _shipped(recipe))
    opened = Judges.load(folder, force=force)
    notes = [f"Forced: {message}." for message in opened.weak()] if force else []
    if recipe is None:
        return Task(_from_files(files, opened, nouns), opened, folder, notes=notes)
    given = _from_recipe(recipe, str(split), files, nouns)
    fitted_on = opened.manifest.get("data")
    if fitted_on is not None and fitted_on != recipe:
        notes.append(f"The judges were fitted on {fitted_on}, these sentences are of {recipe}.")
    return Task(given, opened, folder, recipe, split, notes)


def _shipped(recipe: str | None) -> str:
    """The judges that ship. Raises UserError for data that none were fitted on, and for no such data."""
    import data_recipes

    if recipe is None or data_recipes.recipe(recipe).name == "yelp":
        return "yelp"
    fit = f"textdis train judges --recipe {recipe} --output runs/judges-{recipe}"
    raise UserError(f"no judges of {recipe} ship; fit some ({fit}), then add --judges runs/judges-{recipe}")


def _from_recipe(recipe: str, split: str, files: Files, nouns: bool) -> Sources:
    import data_recipes
    from textdis.evaluation.sources import Sources

    if files.references or files.labels or files.targets or files.to:
        raise UserError("--references, --labels, --targets and --to belong to --sources; a recipe has its own")
    splits = data_recipes.load(recipe)
    if split not in splits:
        raise UserError(f"--split {split}: {recipe} has no such split; it has {', '.join(splits)}")
    if "label" not in splits[split].column_names:
        raise UserError(f"--split {split}: {recipe} gives no styles there; choose another split, or use --sources")
    return Sources.from_dataset(splits[split], nouns=nouns)


def _from_files(files: Files, judges: Judges, nouns: bool) -> Sources:
    """Own sentences. Their styles come from files, from `to`, or from the first judge. Raises UserError."""
    from textdis.evaluation import sources as reading
    from textdis.text.normalise import normalise

    lines, names = reading.read_lines(str(files.sources), "--sources"), judges.labels
    references = [reading.read_references(path) for path in files.references]
    labels = reading.read_labels(files.labels, names, "--labels") if files.labels else None
    targets = reading.read_labels(files.targets, names, "--targets") if files.targets else None
    beside = zip([*files.references, files.labels, files.targets], [*references, labels, targets], strict=True)
    for path, own in beside:
        if own is not None and len(own) != len(lines):
            what = f"{path}: {len(own):,} lines, and {files.sources} has {len(lines):,}"
            raise UserError(f"{what}; line N must belong to line N")
    texts, fields = [normalise(line) for line in lines], dict[str, Any]()
    if nouns:
        fields["nouns"] = reading.noun_words(texts)
    if references:
        fields["references"] = reading.columns(references)
    if files.to is not None:
        if files.to not in names:
            raise UserError(f"--to {files.to}: the judges know no such style; they know {', '.join(names)}")
        targets = [names.index(files.to)] * len(texts)
    return reading.own_sources(texts, judges, labels, targets, **fields)


def find_baselines(task: Task, train: Sequence[Path]) -> Baselines | None:
    """From --train, else kept beside the judges, else from the recipe's training split; None: from nowhere."""
    import data_recipes
    from textdis.evaluation.fitted import Baselines
    from textdis.text.corpus import load_corpus

    names = task.judges.labels
    if train:
        corpus, origin = load_corpus([str(path) for path in train], labels=names), ", ".join(map(str, train))
    elif (kept := Baselines.load(task.folder, names)) is not None:
        return kept
    elif task.recipe is not None and "train" in (splits := data_recipes.load(task.recipe)):
        corpus, origin = splits["train"], f"the training split of {task.recipe}"
    else:
        return None
    return Baselines.fit(*labelled(corpus, names), names=names, origin=origin)


def labelled(corpus: Any, names: Sequence[str]) -> tuple[list[str], list[int]]:
    """The sentences of a corpus in model text, and the style of each as a number of `names`, whatever its own order."""
    from textdis.text.corpus import label_names
    from textdis.text.normalise import normalise

    order = [names.index(name) for name in label_names(corpus)]
    return [normalise(text) for text in corpus["text"][:]], [order[label] for label in corpus["label"][:]]


def find_extras(
    task: Task, train: Sequence[Path], *, similarity: bool, reverse: bool, grammar: Path | None = None
) -> Extras:
    """What costs more, where it is wanted."""
    from textdis.evaluation.evaluate import Extras

    found = Extras()
    if similarity:
        from textdis.evaluation.similarity import embedding_similarity, find_folder

        find_folder()  # a missing extra is told before anything else takes time
        found = replace(found, encoder=embedding_similarity)
    if grammar is not None:
        from textdis.evaluation.grammar import GrammarJudge

        found = replace(found, grammar=GrammarJudge.load(grammar))
    if reverse:
        from textdis.evaluation.reverse import reverse_perplexity

        words = getattr(getattr(task.judges.language, "tokenizer", None), "words", None)
        if words is None:
            raise UserError("--reverse needs judges with a language model over words, whose vocabulary it closes")
        real = _real_sentences(task, train)
        found = replace(found, reverse=lambda outputs: reverse_perplexity(outputs, real, words)["reverse_perplexity"])
    return found


def _real_sentences(task: Task, train: Sequence[Path]) -> list[str]:
    """Real text for reverse perplexity, none of which a row rewrites: a copy would be tested on what it was read from.

    That of --train, else of a recipe's dev split, or of another where dev is what is scored. Raises UserError: neither.
    """
    import data_recipes
    from textdis.text.corpus import load_corpus
    from textdis.text.normalise import normalise

    if train:
        return [normalise(text) for text in load_corpus([str(path) for path in train])["text"][:]]
    splits = data_recipes.load(task.recipe) if task.recipe else {}
    for split in ("dev", "li.dev", "val", "judges"):
        if split in splits and split != task.split:
            return [normalise(text) for text in splits[split]["text"][:]]
    raise UserError("--reverse needs real sentences that no system rewrites; give some with --train FILE FILE")
