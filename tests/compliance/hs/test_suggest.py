"""Gate, questions and suggestion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.compliance.hs.attributes import KINDS, VALUES, read_code, read_goods
from apps.compliance.hs.gate import CLASS, LISTED, NOTHING, UNKNOWN, find_vagueness, plain_term
from apps.compliance.hs.questions import find_question
from apps.compliance.hs.suggest import ASK, CANDIDATES, VAGUE, clean_answers, suggest
from apps.compliance.hs.words import ANSWERS, QUESTIONS, SOURCES, VAGUENESS

PULLOVER_COTTON = read_code("611020", "Jerseys; of cotton", "Jerseys")
PULLOVER_WOOL = read_code("611011", "Jerseys; of wool", "Jerseys")
NOTHING_TOLD = read_goods("pullover")


@pytest.mark.parametrize(
    ("description", "why"),
    [
        ("", NOTHING),
        ("3xl, beige", NOTHING),
        ("10.00, boys", NOTHING),
        ("100% polyester", NOTHING),
        ("wf0127", NOTHING),
        ("spare parts", CLASS),
        ("日用品", CLASS),
        ("filter", CLASS),
        ("strap", CLASS),
        ("Gift  Set 12", LISTED),
        ("xyzzy quux", UNKNOWN),
        ("knitted pullover", ""),
        ("desk fan with USB cable", ""),
    ],
)
def test_the_gate_says_why_a_description_is_too_vague(index, description, why):
    found = find_vagueness(
        description,
        is_known=index.knows,
        listed={plain_term("gift set 12")},
    )

    assert found == why


def test_every_reason_question_answer_and_source_has_words():
    assert set(VAGUENESS) == {NOTHING, CLASS, LISTED, UNKNOWN}
    assert set(QUESTIONS) == set(KINDS)
    assert {value for values in VALUES.values() for value in values} <= set(ANSWERS)
    assert set(SOURCES) == {"guide", "uk", "us"}


def test_the_question_is_about_what_separates_the_candidates():
    question = find_question([(PULLOVER_COTTON, 1.0), (PULLOVER_WOOL, 0.9)], NOTHING_TOLD, {})

    assert question is not None
    assert (question.kind, set(question.options)) == ("material", {"cotton", "wool"})


@pytest.mark.parametrize(
    ("second", "told", "answers"),
    [
        (0.5, NOTHING_TOLD, {}),  # far behind the first
        (0.9, read_goods("pullover of wool"), {}),  # told already
        (0.9, NOTHING_TOLD, {"material": "unsure"}),  # asked already
        (0.9, NOTHING_TOLD, {"gender": "men", "build": "knit", "drive": "manual"}),  # enough
    ],
)
def test_what_need_not_be_asked_is_not_asked(second, told, answers):
    ranked = [(PULLOVER_COTTON, 1.0), (PULLOVER_WOOL, second)]

    assert find_question(ranked, told, answers) is None


def test_a_vague_description_gets_no_candidates(index):
    found = suggest("spare parts", {}, index)

    assert (found.outcome, found.vagueness, found.candidates) == (VAGUE, CLASS, ())


def test_an_answer_brings_its_code_to_the_front_and_ends_the_question(index):
    first = suggest("pullover", {}, index)
    then = suggest("pullover", {"material": "wool"}, index)

    assert first.outcome == ASK
    assert first.question is not None
    assert first.question.kind == "material"
    assert then.outcome == CANDIDATES
    assert then.candidates[0].code == "611011"


def test_candidates_carry_reasons(index):
    [best, *_] = suggest("cotton hoodie", {}, index).candidates

    assert best.code == "611020"
    assert set(best.words) == {"hoodie", "cotton"}
    assert (best.nearest, best.source) == ("cotton hoodie", "uk")
    assert best.path[-1] == "Jerseys, pullovers; of cotton, knitted or crocheted"


def test_unknown_answers_are_dropped():
    given_answers = {"material": "unsure", "build": "knit", "gender": "robots", "q": "x"}

    assert clean_answers(given_answers) == {"material": "unsure", "build": "knit"}


_ANSWERS = st.fixed_dictionaries(
    {}, optional={kind: st.sampled_from((*values, "unsure")) for kind, values in VALUES.items()}
)
_TOLD = "pullover cotton fan desk parts wool of knitted dress 女 not without"
_WORDS = st.lists(st.sampled_from(_TOLD.split()), max_size=8).map(" ".join)


@given(_WORDS, _ANSWERS)
def test_any_description_and_answers_give_one_ordered_answer(index, description, answers):
    found = suggest(description, answers, index)
    shares = [candidate.share for candidate in found.candidates]

    assert found == suggest(description, answers, index)
    assert shares == sorted(shares, reverse=True)
    assert len(shares) <= 5
    assert not shares or 97 <= sum(shares) <= 103
    assert (found.outcome == VAGUE) == (not shares)
    assert found.question is None or found.question.kind not in answers
