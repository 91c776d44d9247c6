from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from front_toys import DATA, FITTED, LABELS, NAMES, TEXTS, FakeJudges

from textdis.evaluation import plots
from textdis.evaluation.diff import word_diff
from textdis.evaluation.evaluate import Sources, evaluate_systems
from textdis.evaluation.page import UNSEEN, render, write_page

EVIL = '<script>alert(1)</script> & "co"'


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn, and collects links and scripts."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href") and value]
        if tag not in ("meta", "br", "link", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href") and value]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def evaluation():
    texts = [*TEXTS, EVIL]
    data = Sources(texts, [*LABELS, 0], label_names=NAMES)
    systems = {"mine": [*TEXTS[:2], "", EVIL + " loved"], "<b>evil</b>": texts[::-1]}
    return evaluate_systems(systems, data, FakeJudges(), FITTED, samples=20)


@pytest.fixture(scope="module")
def page(evaluation) -> str:
    return render(evaluation, "A <title>")


def test_the_page_is_sound_and_asks_nothing_of_a_network(page):
    parser = Balanced()
    parser.feed(page)
    assert parser.open == [] and "script" not in parser.tags
    assert all(link.startswith("#") for link in parser.links)
    outside = set(re.findall(r"https?://[^\s\"'<]+", page)) - {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert outside == set() and "@import" not in page


def test_text_is_escaped(page):
    assert "<script" not in page and "<b>evil" not in page and "A &lt;title&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page


def test_the_page_holds_all_that_was_asked_for(page, evaluation):
    for name in ("copy of the source", "lexicon swap", "planted hack", "mine"):
        assert page.count(name) >= 4
    for text in ("Style against content", "How sure the first judge is", "Difference from lexicon swap", "Judges abc"):
        assert text in page
    assert all(line in html.unescape(page) for line in UNSEEN)
    low, high = (evaluation.intervals["mine"]["accuracy_cnn"][key] * 100 for key in ("low", "high"))
    assert f"{low:.1f} – {high:.1f}" in page
    assert "<ins>loved</ins>" in page and '<em class="soft">(empty)</em>' in page
    assert len(re.findall(r"<svg", page)) >= 5


def test_the_same_evaluation_gives_the_same_page(page, evaluation):
    assert render(evaluation, "A <title>") == page


def test_human_references_are_among_the_systems_shown(tmp_path):
    found = evaluate_systems({}, replace(DATA, nouns=None), FakeJudges(), FITTED, samples=20)
    write_page(found, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "human reference" in text and "Difference from" not in text


def test_a_diff_tells_what_is_gone_and_what_is_new():
    gone, new = word_diff("the soup was awful .", "the soup was really great .")
    assert [tuple(run) for run in gone] == [("the soup was", True), ("awful", False), (".", True)]
    assert [tuple(run) for run in new] == [("the soup was", True), ("really great", False), (".", True)]
    assert word_diff("a b", "") == ([("a b", False)], [])


def test_every_system_looks_different():
    names = [f"system {i}" for i in range(20)]
    found = plots.looks(["copy", *names], ["copy"])
    assert len({(look.colour, look.mark, look.dash) for look in found.values()}) == 21
    assert found["copy"].colour in plots.GREYS and list(found) == ["copy", *names]


def test_a_histogram_counts_every_sentence():
    looked = plots.looks(["a"], [])
    svg = plots.histogram({"a": np.array([0.0, 0.5, 9.0])}, looked, "x < y", (0.0, 1.0))
    assert "x &lt; y" in svg
    ET.fromstring(svg)
    constant = plots.histogram({"a": np.array([2.0, 2.0])}, looked, "x")
    ET.fromstring(constant)
