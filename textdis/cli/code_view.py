"""The picture of codes in the report of `textdis evaluate`: where sentences lie, and where rewriting moves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textdis.core.errors import UserError

if TYPE_CHECKING:
    from textdis.evaluation.codes_picture import CodeView
    from textdis.evaluation.sources import Sources
    from textdis.pipelines.traverse import Traverse

EXAMPLES = 500  # sentences of a style that a traversal looks at, at most
TRAVERSAL = "latent traversal"


def code_view(model: str, data: Sources, outputs: Mapping[str, Sequence[str]], topics: Sequence[str]) -> CodeView:
    """The sources' codes by style and topic, and as arrows the moves of the sentences that the page shows.

    model: a folder of any model with one code a sentence. The first panel moves codes by the traversal, each towards
    the other sources of its wanted style; each other panel ends at the codes of what a system wrote. Raises UserError:
    a model without a sentence code, a style that no other source has.
    """
    from textdis.evaluation.codes_picture import CodeView, grouped
    from textdis.evaluation.page import drawn_rows
    from textdis.pipelines.traverse import Traverse

    traverse, rows = Traverse.from_folder(model), drawn_rows(len(data.texts))
    codes, labels = traverse.codes.encode(data.texts), data.labels
    own = {name: [i for i, label in enumerate(labels) if label == k] for k, name in enumerate(data.label_names)}
    groups = grouped({name: ([data.texts[i] for i in at], codes[at]) for name, at in own.items() if at}, topics)
    before = codes[rows]
    ends = {name: traverse.codes.encode([texts[i] for i in rows]) for name, texts in outputs.items()}
    moves = {TRAVERSAL: (before, _traversed(traverse, data, rows, before))}
    moves |= {name: (before, after) for name, after in ends.items()}
    note = f"Codes of {model} ({codes.shape[1]} numbers); the arrows are the {len(rows)} sentences shown below."
    return CodeView(groups, moves, note)


def _traversed(traverse: Traverse, data: Sources, rows: Sequence[int], before: Any) -> Any:
    """Codes, an array [B, D], moved from the style each has to the one it shall get, by the other sentences of both."""
    after, drawn = before.copy(), set(rows)
    pairs = [(data.labels[i], data.targets[i]) for i in rows]
    for pair in dict.fromkeys(pairs):
        sets = [
            [data.texts[i] for i, label in enumerate(data.labels) if label == style and i not in drawn][:EXAMPLES]
            for style in pair
        ]
        if not all(sets):
            names = " and ".join(data.label_names[style] for style in pair)
            raise UserError(f"--codes: too few sources of {names} to move between; give more sentences of both")
        at = [k for k, other in enumerate(pairs) if other == pair]
        after[at] = traverse.between(*sets).move(before[at]).codes.cpu().numpy()
    return after
