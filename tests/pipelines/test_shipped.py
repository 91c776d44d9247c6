"""The models that ship, beside the one that the main job's tests read closely."""

import pytest

from textdis.pipelines import folders, pipeline

SHIPPED = sorted(path.parent.name for path in folders.SHIPPED.glob("*/config.json"))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_turns_praise_and_blame_and_has_a_card(name):
    transfer = pipeline("transfer", name)
    praise, blame = transfer.rewrite(["It works great and I love it.", "Waste of money. Do not buy!"])
    assert [s.source_style for s in praise.sentences] == ["positive"] and praise.output != praise.source
    assert {s.source_style for s in blame.sentences} == {"negative"} and blame.output != blame.source
    card = (folders.SHIPPED / name / "README.md").read_text(encoding="utf-8")
    assert card.startswith(f"# {name}\n") and "research use only" in card and "## Misuse" in card
