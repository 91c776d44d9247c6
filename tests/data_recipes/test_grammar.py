import random
import re

import pytest

import data_recipes
from data_recipes.grammar import PROTOTYPES, english, fine_tags, lexicon, minimal_pairs, parses, tags, translate
from data_recipes.grammar.languages import LANG1, LANG2, dictionary
from data_recipes.grammar.prototypes import pattern, unseen
from data_recipes.grammar.rules import grow, rules, trees
from data_recipes.grammar.words import EITHER, RESERVED, with_ed, with_ing, with_s
from textdis.core.errors import UserError


@pytest.fixture(scope="module")
def grown():
    rng = random.Random(7)
    return [grow(rng) for _ in range(800)]


@pytest.fixture(scope="module")
def corpus():
    return data_recipes.load("grammar", sentences=2000, seed=1)


@pytest.mark.parametrize("stem, s, ing, ed", [
    ("carry", "carries", "carrying", "carried"), ("play", "plays", "playing", "played"),
    ("bake", "bakes", "baking", "baked"), ("agree", "agrees", "agreeing", "agreed"),
    ("plan", "plans", "planning", "planned"), ("open", "opens", "opening", "opened"),
    ("watch", "watches", "watching", "watched"), ("box", "boxes", "boxing", "boxed"),
])  # fmt: skip
def test_words_are_spelled(stem, s, ing, ed):
    assert (with_s(stem), with_ing(stem), with_ed(stem)) == (s, ing, ed)


def test_every_label_is_known_and_no_rule_begins_with_itself():
    parts = {part for right in rules().values() for _, parts in right for part in parts}
    assert not [part for part in parts if not (part in rules() or part in lexicon() or "/" in part or part in ".?,")]
    assert set(rules()) == (parts & set(rules())) | {"S"}  # each is used

    def first(label, above=()):
        assert label not in above, (*above, label)
        for _, parts in rules().get(label, ()):
            first(parts[0], (*above, label))

    for label in rules():
        first(label)


def test_every_sentence_has_its_own_tree_and_no_other(grown):
    for tree in grown:
        assert trees(english(tree)) == [tree], english(tree)


@pytest.mark.parametrize("text", [
    "The dog sees a flurb.", "The dogs visits a cat.", "The dog visits an cat.", "The dog visits a apple.",
    "the dog visits a cat.", "The dog visits a cat", "The dog visits a cat .", "The dog visits a cat?", "",
    "The  dog visits a cat.",
    "Dog the visits a cat.", "The dog visits a cat. The dog visits a cat.", "The dog Visits a cat.",
])  # fmt: skip
def test_what_is_not_in_the_grammar_does_not_parse(text):
    assert parses("The dog visits a cat.")
    assert not parses(text)


@pytest.mark.parametrize("number", range(13))
def test_every_prototype_parses_whatever_the_words(number):
    rng = random.Random(number)
    stems = {"+N": [form.stem for form in lexicon()["N.sg"]], "+V": EITHER}
    stems |= {"+A": [form.stem for form in lexicon()["A"]], "+D": [form.stem for form in lexicon()["D"]]}
    spell = {"": str, "s": with_s, "ing": with_ing}

    def fill(slot):
        return spell[slot[2]](rng.choice(stems[slot[1]]))

    for _ in range(10):
        filled = re.sub(r"(\+[NVAD])(s|ing|)", fill, PROTOTYPES[number])
        text = re.sub(r"\b([aA])(?= [aeiou])", r"\1n", filled[0].upper() + filled[1:])
        (tree,) = trees(text)
        assert pattern(tree.leaves) == PROTOTYPES[number][0].lower() + PROTOTYPES[number][1:]


def test_one_tag_a_word(corpus):
    penn = set("DT NN NNS VB VBZ VBP VBD VBG JJ RB IN MD TO PRP PRP$ CC CD EX WDT WP WRB UH".split())
    for row in corpus["train"]:
        assert len(row["en"].split()) == len(row["penn"].split()) == len(row["pos"].split())
        assert set(row["penn"].split()) <= penn
        assert re.sub(r"V[DHV]", "VB", row["pos"]) == row["penn"]
    assert {tag for row in corpus["train"]["penn"] for tag in row.split()} == penn


def test_tags_depend_on_the_sentence():
    (noun,), (verb,) = trees("The plays are old."), trees("The dog plays.")
    assert tags(noun) == "DT NNS VBP JJ" and tags(verb) == "DT NN VBZ"


def test_fine_tags_tell_be_do_and_have_from_other_verbs():
    found = {text: fine_tags(trees(text)[0]) for text in ("The dog has a cat.", "The dog sees a cat.", "Do not sail.")}
    assert list(found.values()) == ["DT NN VHZ DT NN", "DT NN VVZ DT NN", "VD RB VV"]
    assert fine_tags(trees("A plan is old.")[0]) == "DT NN VBZ JJ"


def made(text):
    """The words of both translations, without their marks, lower-cased."""
    return [translation.rstrip(".?").lower().split() for translation in translate(text)]


def test_the_first_language_puts_the_verb_last_and_agrees():
    the, dog, laughs = made("The dog laughs.")[0]
    assert made("The dogs laugh.")[0] == [f"{the}n", f"{dog}ni", laughs.removesuffix("is") + "emo"]
    _, subject, _, cat, _ = made("The dog visits the cat.")[0]
    _, king, _, thing, _ = made("The king visits the dog.")[0]
    assert (subject, thing) == (dog, f"{dog}k")
    happy, other = made("The dog is happy.")[0][2], made("The king is happy.")[0][2]
    assert dog[-1] != king[-1] and (happy[-1], other[-1]) == (dog[-1], king[-1]) and happy[:-1] == other[:-1]
    assert made("The happy dog laughs.")[0] == [the, dog, happy, laughs]


def test_the_second_language_puts_the_verb_first_and_agrees():
    laughs, dog = made("A dog laughs.")[1]
    assert made("The dog laughs.")[1] == [laughs, f"{dog}eti"]
    many, dogs = made("The dogs laugh.")[1]
    assert dogs[2:] == f"{dog[2:]}eti" and dogs[:2] != dog[:2]
    assert (laughs[:2], many[:2]) == (dog[:2], dogs[:2]) and laughs[2:] == many[2:]
    assert made("The dog laughed.")[1][0] == laughs.replace("na", "li", 1)
    _, happy, _ = made("The dog is happy.")[1]
    assert made("A happy dog laughs.")[1] == [laughs, dog, happy]


def test_no_two_stems_share_a_word_and_none_is_spelled_after_english():
    for language in (LANG1, LANG2):
        words = dictionary(language)
        assert len(set(words.values())) == len(words) > 400
        alike = sum(word[0] == stem[0] for stem, word in words.items())
        assert alike / len(words) < 0.2  # one consonant in thirteen or so, by chance


def test_questions_and_lists_are_translated_word_by_word(grown):
    for tree in grown[:300]:
        first, second = LANG1.translate(tree), LANG2.translate(tree)
        words = [leaf for leaf in tree.leaves if leaf.tag]
        assert len(first.split()) == len(words)
        assert len(second.split()) == len([leaf for leaf in words if leaf.word not in ("a", "the")])
        assert first[-1] == second[-1] == english(tree)[-1] and first[0].isupper() and second[0].isupper()


def test_the_seed_decides_and_sentences_are_distinct(corpus):
    again = data_recipes.load("grammar", sentences=200, seed=1)
    texts = [text for rows in again.values() for text in rows["en"]]
    assert len(set(texts)) == 200 and set(texts) <= {text for rows in corpus.values() for text in rows["en"]}
    other = data_recipes.load("grammar", sentences=200, seed=2)
    assert other["train"]["en"] != again["train"]["en"]
    assert max(map(len, corpus["train"]["en"])) <= 100


@pytest.fixture(scope="module")
def leaves(corpus):
    return {split: [trees(text)[0].leaves for text in rows["en"]] for split, rows in corpus.items()}


def test_contents_stand_in_one_split(leaves):
    contents = {
        split: {
            " ".join(leaf.stem for leaf in row if leaf.tag and "/" not in leaf.label) for row in rows if not unseen(row)
        }
        for split, rows in leaves.items()
    }
    assert not contents["train"] & (contents["dev"] | contents["test"]) and not contents["dev"] & contents["test"]
    assert 0.85 < len(leaves["train"]) / 2000 < 0.93 and len(leaves["dev"]) > 60


def test_reserved_words_stand_in_no_training_sentence_that_is_a_prototype(leaves):
    whole = {text[0].lower() + text[1:] for text in PROTOTYPES}
    found = {split: [row for row in rows if pattern(row) in whole] for split, rows in leaves.items()}
    assert found["train"] and not any(leaf.stem in RESERVED for row in found["train"] for leaf in row)
    assert any(leaf.stem in RESERVED for row in found["test"] for leaf in row)
    common = {leaf.stem for row in leaves["train"] for leaf in row} & RESERVED
    assert len(common) > 0.9 * len(RESERVED)  # elsewhere they are learnt


def test_the_reserved_words_are_the_unseen_half_of_the_syntax_probe():
    from textdis.metrics.syntax_words import words

    assert {word for half in words("unseen").values() for word in half} == RESERVED
    assert not {word for half in words("seen").values() for word in half} & RESERVED


def test_every_sentence_of_the_syntax_probe_parses():
    from textdis.metrics.syntax import prototype_sentences

    texts, _ = prototype_sentences(5)
    assert all(parses(text) for text in texts if text) and sum(map(bool, texts)) == 65


def test_minimal_pairs_parse_and_differ_in_one_thing():
    pairs = minimal_pairs(50, seed=3)
    assert pairs == minimal_pairs(50, seed=3) != minimal_pairs(50, seed=4)
    assert {pair.kind for pair in pairs} == {"noun", "adjective", "number", "tense", "polarity"}
    for pair in pairs:
        texts = (pair.a, pair.b, pair.c, pair.d)
        assert len(set(texts)) == 4 and all(map(parses, texts)), pair
    exchange = next(pair for pair in pairs if pair.kind == "noun")
    (one,), (other,) = (
        set(x.split()) - set(y.split()) for x, y in ((exchange.a, exchange.b), (exchange.b, exchange.a))
    )
    assert exchange.d == exchange.c.replace(other, one)


@pytest.mark.parametrize("n", [0, 1_000_001])
def test_sizes_beyond_the_grammar_are_refused(n):
    with pytest.raises(UserError, match="grammar makes 1 to 1,000,000"):
        data_recipes.load("grammar", sentences=n)


def test_only_sentences_of_the_grammar_are_translated():
    with pytest.raises(UserError, match="no sentence of the grammar"):
        translate("Colourless green ideas sleep furiously.")
