from hypothesis import given
from hypothesis import strategies as st

from learning.matching import Span, exact_match, says_one_of, span_f1, token_f1

WORDS = st.lists(st.sampled_from(["red", "green", "blue", "cat"]), min_size=1, max_size=6).map(
    " ".join
)


def test_case_punctuation_and_articles_do_not_count() -> None:
    assert exact_match("The Norman conquest.", ["norman  Conquest"])
    assert not exact_match("Norman conquest of England", ["Norman conquest"])


def test_token_f1_worked_by_hand() -> None:
    # "red cat sat" and "cat sat down there": 2 in common, 3 and 4 words: 2 * 2 / 7
    assert token_f1("a red cat sat", ["cat sat down there"]) == 4 / 7


def test_the_best_answer_counts_and_no_answer_gives_nothing() -> None:
    assert token_f1("red cat", ["dog", "the red cat"]) == 1.0
    assert token_f1("red cat", []) == 0.0


def test_span_f1_worked_by_hand() -> None:
    # 10 to 30 and 20 to 50 share 10 of 20 and 30: 2 * 10 / 50
    assert span_f1(Span("a", 10, 30), [Span("a", 20, 50)]) == 0.4


def test_a_place_in_another_article_has_nothing_in_common() -> None:
    assert span_f1(Span("a", 10, 30), [Span("b", 10, 30)]) == 0.0
    assert not Span("a", 0, 99).holds(Span("b", 1, 2))


def test_an_answer_stands_in_a_text_with_whole_words_only() -> None:
    assert says_one_of("It costs 30 euros, a month.", ["30 euros a month"])
    assert not says_one_of("It costs 300 euros.", ["30"])
    assert not says_one_of("Anything", ["the"])  # nothing is left of it


@given(WORDS, WORDS)
def test_token_f1_is_symmetric_and_a_share(one: str, other: str) -> None:
    assert token_f1(one, [other]) == token_f1(other, [one])
    assert 0.0 <= token_f1(one, [other]) <= 1.0


@given(WORDS, WORDS)
def test_an_exact_match_has_full_f1_and_stands_in_the_text(one: str, other: str) -> None:
    if exact_match(one, [other]):
        assert token_f1(one, [other]) == 1.0
        assert says_one_of(one, [other])
