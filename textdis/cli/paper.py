"""Source and rewriting for the eye: in colours on a terminal, with plain marks elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textdis.pipelines.results import LineResult, word_diff

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH = 80  # columns where there is no terminal to ask
GONE, NEW = "red strike", "green"


@dataclass(frozen=True)
class Paper:
    """Draws results. numbered: source and rewriting in two paragraphs; else one line with what is gone and new."""

    colour: bool
    numbered: bool

    def __call__(self, results: Sequence[LineResult], done: int) -> str:
        """The drawing, ending in a newline. `done` results were drawn before."""
        console = self._console()
        with console.capture() as capture:
            for number, result in enumerate(results, start=done + 1):
                if self.numbered:
                    self._pair(console, number, result)
                else:
                    console.print(self._diff(result), soft_wrap=True)
        return "".join(f"{line.rstrip()}\n" for line in capture.get().split("\n")[:-1])

    def _console(self) -> Console:
        from rich.console import Console

        if self.colour:
            return Console(force_terminal=True)
        return Console(file=io.StringIO(), force_terminal=False, no_color=True, width=WIDTH)

    def _diff(self, result: LineResult) -> Text:
        from rich.text import Text

        text = Text()
        for gone, new, same in word_diff(_one_line(result.source), _one_line(result.output)):
            if same:
                text.append(new)
            elif self.colour:
                text.append(gone, GONE).append(new, NEW)
            else:
                text.append(_marked(gone, "[-{}-]") + _marked(new, "{{+{}+}}"))
        return text

    def _pair(self, console: Console, number: int, result: LineResult) -> None:
        from rich.table import Column, Table

        table = Table.grid("", "", Column(overflow="fold"), padding=(0, 1))  # a word longer than a line is not cut off
        for head, text in zip((f"{number:>4}", ""), self._paragraphs(result), strict=True):
            table.add_row(f"{head:>4}", *text)
        console.print(table)
        console.print()

    def _paragraphs(self, result: LineResult) -> Iterator[tuple[str, Text]]:
        """The source and what became of it, each with its mark."""
        from rich.text import Text

        if result.reason is not None:
            yield " ", Text(_one_line(result.source))
            yield " ", Text(f"(left: {result.reason})", "dim")
            return
        runs = word_diff(_one_line(result.source), _one_line(result.output))
        yield "-", Text.assemble(*((run.source, "" if run.same else GONE) for run in runs))
        yield "+", Text.assemble(*((run.output, "" if run.same else NEW) for run in runs))


def _marked(words: str, mark: str) -> str:
    """The blanks behind `words` stay behind the mark."""
    bare = words.rstrip()
    return mark.format(bare) + words[len(bare) :] if bare else words


def _one_line(text: str) -> str:
    return " ".join(text.split())
