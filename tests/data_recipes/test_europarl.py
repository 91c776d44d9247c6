import gzip

import pytest

import data_recipes
from data_recipes.recipe import default_roots
from textdis.core.errors import UserError

ENGLISH = [f"Sentence number {i}." for i in range(200)]


def put(folder, name, lines):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture
def release(tmp_path):
    """German lacks the first ten sentences, French has them; one line is empty, one stands twice."""
    folder = tmp_path / "europarl"
    put(folder, "europarl-v7.de-en.en", [*ENGLISH[10:], "Twice.", "Twice.", "Empty."])
    put(folder, "europarl-v7.de-en.de", [*(f"Satz {i}." for i in range(10, 200)), "Zwei.", "Zweimal.", ""])
    put(folder, "europarl-v7.fr-en.en", [*reversed(ENGLISH), "Twice.", "Empty."])
    put(folder, "europarl-v7.fr-en.fr", [*(f"Phrase {i}." for i in reversed(range(200))), "Deux.", "Vide."])
    return tmp_path


def rows(data):
    return {row["en"]: row for split in data.values() for row in split}


def test_three_languages_meet_where_the_english_lines_are_equal(release):
    data = data_recipes.load("europarl", release)
    found = rows(data)
    assert set(found) == set(ENGLISH[10:]) and len(data["test"]) > 5
    assert found["Sentence number 42."] == {"en": "Sentence number 42.", "de": "Satz 42.", "fr": "Phrase 42."}
    assert data["train"].info.description == "190 of 190 English lines stand in all files."


def test_one_pair_will_do_and_files_may_be_gzipped(release):
    folder = release / "europarl"
    for side in ("en", "fr"):
        path = folder / f"europarl-v7.fr-en.{side}"
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert len(rows(data_recipes.load("europarl", release, languages="fr"))) == 202
    assert len(rows(data_recipes.load("europarl", release))) == 190


def test_missing_and_unequal_files_are_told(release):
    (release / "europarl" / "europarl-v7.fr-en.fr").unlink()
    with pytest.raises(UserError, match="europarl-v7.fr-en.fr missing"):
        data_recipes.load("europarl", release)
    put(release / "europarl", "europarl-v7.fr-en.fr", ["Une."])
    with pytest.raises(UserError, match="202 English lines for 1 in 'fr'"):
        data_recipes.load("europarl", release)
    with pytest.raises(UserError, match="data of 'europarl' not found"):
        data_recipes.load("europarl", release / "nowhere")


def test_the_sample_leaves_empty_sides_out_and_counts_them():
    if not any((root / "europarl_sample").is_dir() for root in default_roots()):
        pytest.skip("the sample is not here")
    data = data_recipes.load("europarl_sample")
    assert sum(map(len, data.values())) == 2994
    assert data["train"].info.description == "6 pairs with an empty side are left out."
    assert all(row["en"] and row["fr"] for split in data.values() for row in split)
