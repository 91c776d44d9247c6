"""What a model wrote for a sentence, dressed as the author of the sentence would have written it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdis.text.normalise import parse, restore, split_clauses

CHANGED = [  # raw, what the model wrote, what must come out
    # capitals
    ("The food was great.", "the food was awful .", "The food was awful."),
    ("Great food at Joe's!", "awful food at joe 's !", "Awful food at Joe's!"),
    ("great food. i loved it", "awful food .", "awful food."),
    ("Great service!", "the service was not great !", "The service was not great!"),
    ("Joe's tacos were bad.", "i love joe 's tacos .", "I love Joe's tacos."),
    ("Taco Bell was bad.", "i love taco bell .", "I love Taco Bell."),
    ("Love Chipotle.", "i love chipotle .", "I love Chipotle."),
    ("I hate this place.", "what i love is this place .", "What I love is this place."),
    ("My iPhone died.", "my iphone works .", "My iPhone works."),
    ("iPhone died at Joe's.", "my iphone died .", "my iPhone died."),
    ("Terrible.", "i loved it .", "I loved it."),
    ("$45 for Joe's soup!", "worth $ _num_ !", "Worth $45!"),
    ("5 stars for Joe!", "no stars for joe !", "No stars for Joe!"),
    ("the BBQ was bad", "i loved the bbq", "I loved the BBQ"),
    ("GREAT FOOD!!", "i did n't like the food !", "I DIDN'T LIKE THE FOOD!!"),
    ("AWESOME! the end", "awful !", "AWFUL!"),
    ("A GREAT PLACE!", "not a great place !", "NOT A GREAT PLACE!"),
    ("Great Food And Amazing Service", "awful service and great food", "Awful Service And Great Food"),
    ("Great Food And Amazing Service", "awful food and terrible service", "Awful Food And Terrible Service"),
    ('"Great food," she said.', "`` awful food , '' she said .", '"Awful food," she said.'),
    ("(*Great* food.)", "( * the great * food . )", "(*The great* food.)"),
    ('What a "great" waiter.', "what a `` awful '' waiter .", 'What an "awful" waiter.'),
    # a pair of tags around nothing
    ("The food was <em>terrible</em>.", "the food was great <em> </em> .", "The food was great."),
    ("<em>Never</em> a great place", "<em> </em> an great place", "A great place"),
    # the case of the word in whose place a new one stands
    ("The food was AMAZING.", "the food was awful .", "The food was AWFUL."),
    ("We had a Great time.", "we had a terrible time .", "We had a Terrible time."),
    ("The WORST SERVICE EVER.", "the best service ever .", "The BEST SERVICE EVER."),
    ("NEVER AGAIN, said Joe.", "always again , said joe .", "ALWAYS AGAIN, said Joe."),
    ("It goes DEAD.", "it stays lively .", "It stays LIVELY."),
    ("It was Very BAD.", "it was quite good .", "It was Quite GOOD."),
    ("They were VERY BAD people.", "they were great people .", "They were GREAT people."),
    ("It is OVERPRICED.", "it is reasonably priced .", "It is REASONABLY PRICED."),
    ("We had a Really BAD time.", "we had a great time .", "We had a great time."),
    ("It is NOT hard.", "it is n't so hard .", "It isn't SO hard."),
    ("We WILL be back!", "we wo n't be back !", "We WON'T be back!"),
    ("They DO care, don’t they?", "they do n't care , do they ?", "They DON’T care, do they?"),
    ("I LOVED it!!!", "i did n't like it !", "I DIDN'T LIKE it!!!"),
    ("We WON'T return.", "we would n't return .", "We WOULDN'T return."),
    ("They AIN'T nice.", "they are n't nice .", "They aren't nice."),
    ("I DIDn't like it.", "i did n't love it .", "I DIDn't love it."),
    ("We WILL be back, don't worry!", "we wo n't be back , worry !", "We WON'T be back, worry!"),
    ("The TV died.", "the room died .", "The room died."),
    ("It was I who left.", "it was we who left .", "It was we who left."),
    ("Today we ate.", "i loved what we ate .", "I loved what we ate."),
    ("We loved it.", "so i hated it .", "So I hated it."),
    ("The Best food, the worst staff.", "the best food , the best staff .", "The Best food, the best staff."),
    ("We met Joe at the bar on Mill.", "at the bar on mill we met joe .", "At the bar on Mill we met Joe."),
    (
        "Pros: nice staff; Cons: bad parking",
        "cons : rude staff ; pros : bad parking",
        "Cons: rude staff; Pros: bad parking",
    ),
    ("Great food, the worst staff.", "worst food , the great staff .", "Worst food, the great staff."),
    ("A lovely, quiet place.", "a ugly , loud place .", "An ugly, loud place."),
    ("It was A BEAUTIFUL day.", "it was a awful day .", "It was AN AWFUL day."),
    (
        "What A Great Place To Eat With Friends",
        "what an awful place to eat with friends",
        "What An Awful Place To Eat With Friends",
    ),
    ("An Awful Place To Eat With Friends", "a great place to eat with friends", "A Great Place To Eat With Friends"),
    # numbers
    ("1 star for the rude staff.", "five stars for the kind staff .", "5 stars for the kind staff."),
    ("I gave it 1 STAR", "i gave it five stars", "I gave it 5 STARS"),
    ("Only 2 stars, sadly.", "five stars , gladly .", "Five stars, gladly."),
    ("A 1-star hotel", "a five-star hotel", "A five-star hotel"),
    ("We paid $1,250 for 2 nights.", "we owe $ _num_ for _num_ nights .", "We owe $1,250 for 2 nights."),
    ("We waited 45 minutes.", "we were out in _num_ .", "We were out in 45."),
    ("I paid $5 for 3.", "_num_ is what i paid .", "5 is what I paid."),
    ("Bad food.", "_num_ stars !", "Stars."),
    ("Bad food at 5.", "_num_ % off for $ _num_ at _num_ .", "Off for at 5."),
    # what the author wrote in his own way stays
    ("Go to www.Foo.com 👍 now!!!", "never go to www.foo.com 👍 now !", "Never go to www.Foo.com 👍 now!!!"),
    ("The  food\twas great ,really !", "the food was awful , really !", "The  food\twas awful ,really !"),
    ("The Café’s staff wasn’t nice", "the cafe 's staff was nice , i 'd say", "The Café’s staff was nice, I’d say"),
    ("“Great” food", "`` awful '' food and `` bad '' staff", "“Awful” food and “bad” staff"),
    ("It was sooo good...we left happy…", "it was sooo bad ... we left angry ...", "It was sooo bad...we left angry…"),
    ("Cannot wait, gonna go!", "can not wait , gon na stay !", "Cannot wait, gonna stay!"),
    ("@joe_s was rude #never again!", "@joe_s was kind #never again !", "@joe_s was kind #never again!"),
    ("Ter\u00adri\u200bble ser\u00advice&#8203;s", "great services !", "Great ser\u00advice&#8203;s"),
    ("I didn&#39;t like Ben &amp; Jerry&rsquo;s.", "i love ben & jerry 's .", "I love Ben &amp; Jerry&rsquo;s."),
    # spacing of what is new
    ("It is good.", "it is n't good , i 've ( never ) paid $ _num_ !", "It isn't good, I've (never) paid."),
    ("it is bad", "i can not complain , i 'm gon na go : )", "i cannot complain, i'm gonna go :)"),
    ("it is good", "it is `` bad '' -- very bad & so-so", 'it is "bad" -- very bad & so-so'),
    ("You cannot go", "you could not go", "You could not go"),
    ("I can't wait", "i can wait", "I can wait"),
    ("I won't return.", "i wo return .", "I will return."),
    ("I can wait", "i can n't wait", "I can't wait"),
    # the end
    ("Great food!!!", "awful food", "Awful food!!!"),
    ("Great food!!!", "awful food .", "Awful food!!!"),
    ("Great people.!", "awful people !", "Awful people.!"),
    ("It was sad...", "it was lovely !", "It was lovely..."),
    ("(We loved it!)", "( we hated it . )", "(We hated it!)"),
    ("How is it so bad?!", "how is it so good !", "How is it so good?!"),
    ("It was ok i guess???", "it was great i guess !", "It was great i guess???"),
    ("So rude?!", "so nice !", "So nice?!"),
    ("So rude? !", "so nice .", "So nice? !"),
    ("So rude?", "so nice !", "So nice!"),
    ("Why go?", "so glad to go !", "So glad to go!"),
    ("Great food", "awful food .", "Awful food"),
    ("He said “great.”", "he said `` awful ''", "He said “awful”."),
    ("Great food.", "", ""),
]

SAME = [
    "Dr. Kim's $45 facial — at 9:30 a.m. — was AMAZING!!!",
    "they  said :\t“No way”…  and left ,",
    "GREAT; can't, cannot, won’t & gonna (or not)",
    "I don&#39;t &amp; won&rsquo;t say &quot;no&quot;",
    "crème brûlée w/ 1,000 calories (#1!) at http://x.yz/Q?",
]


def only(raw):
    return parse(raw).sentences[0]


@pytest.mark.parametrize(("raw", "output", "expected"), CHANGED)
def test_a_changed_sentence_reads_as_its_author_wrote(raw, output, expected):
    assert restore(only(raw), output) == expected


@pytest.mark.parametrize("raw", [*SAME, *(raw for raw, _, _ in CHANGED)])
def test_an_unchanged_sentence_comes_back_exactly(raw):
    sentence = only(raw)
    assert restore(sentence, sentence.text) == sentence.raw
    assert restore(sentence, sentence.closed_text) == sentence.raw


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_unchanged_sentence_comes_back_exactly(line):
    for sentence in parse(line).sentences:
        assert restore(sentence, sentence.text) == sentence.raw


WORDS = "the food i n't 's _num_ $ % . ! , `` '' ( ) joe great bad ...".split()


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=13))
def test_no_output_leaves_a_placeholder_or_a_model_quote(words):
    restored = restore(only('Joe paid $5 for "great" food, not 7.'), " ".join(words))
    assert "_num_" not in restored and "``" not in restored and "''" not in restored
    assert restored == restored.strip()


def test_a_lower_case_source_stays_lower_case():
    restored = restore(only("the food was great, loved it"), "i 'm sad , we did n't like it !")
    assert restored == restored.lower() == "i'm sad, we didn't like it"


def test_a_clause_from_the_middle_gets_no_capital():
    (sentence,) = parse("The tea was hot, but Joe was very happy.").sentences
    *_, clause = split_clauses(sentence, 7)
    assert restore(clause, "i think the staff was very sad .") == "I think the staff was very sad."
    assert restore(clause, "the staff was very sad .") == "the staff was very sad."


def test_a_very_long_sentence_is_restored_in_linear_time():
    sentence = only("great food and " * 7_000)
    output = " ".join(reversed(sentence.text.split()))
    start = time.process_time()
    assert restore(sentence, output).startswith("and food great")
    assert time.process_time() - start < 2
