"""One key, one effect, one answer."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.common.errors import DomainError
from apps.common.idempotency import (
    Keyed,
    StoredAnswer,
    answer_many_once,
    answer_once,
    clean_key,
    fingerprint,
)
from apps.common.models import IdempotencyRecord

pytestmark = pytest.mark.django_db


def run(effects, mark="m", key="k", scope="mer:1"):
    def effect() -> StoredAnswer:
        effects.append(1)
        return StoredAnswer(201, '{"id": "ord_1"}')

    return answer_once(scope=scope, key=key, fingerprint=mark, effect=effect)


def test_a_repeat_gets_the_stored_answer():
    effects: list[int] = []

    first, repeat = run(effects), run(effects)

    assert (first.status, first.body, first.replayed) == (201, '{"id": "ord_1"}', False)
    assert (repeat.status, repeat.body, repeat.replayed) == (201, '{"id": "ord_1"}', True)
    assert effects == [1]


def test_another_request_under_the_key_is_refused():
    effects: list[int] = []
    run(effects)

    with pytest.raises(DomainError) as caught:
        run(effects, mark="other")

    assert (caught.value.code, caught.value.status) == ("idempotency.key_reused", 422)
    assert effects == [1]


def test_tenants_do_not_share_keys():
    effects: list[int] = []
    run(effects)

    assert run(effects, scope="mer:2").replayed is False
    assert effects == [1, 1]


def test_a_failed_effect_frees_the_key():
    def fail() -> StoredAnswer:
        raise DomainError("orders.out_of_stock", "no")

    with pytest.raises(DomainError):
        answer_once(scope="mer:1", key="k", fingerprint="m", effect=fail)

    assert IdempotencyRecord.objects.count() == 0
    assert run([]).replayed is False


@pytest.mark.parametrize("raw", [None, "", " ", "a\nb", "k" * 256, "ключ"])
def test_unusable_keys_are_refused(raw):
    with pytest.raises(DomainError) as caught:
        clean_key(raw)

    assert (caught.value.code, caught.value.status) == ("idempotency.key_missing", 400)


def test_a_quoted_key_is_the_bare_key():
    assert clean_key('"abc-1"') == clean_key("abc-1") == "abc-1"


def test_fingerprints_tell_method_path_and_body_apart():
    marks = {
        fingerprint("POST", "/a", b"x"),
        fingerprint("PUT", "/a", b"x"),
        fingerprint("POST", "/b", b"x"),
        fingerprint("POST", "/a", b"y"),
    }

    assert len(marks) == 4


def keyed(key: str, mark: str = "m") -> Keyed:
    return Keyed("mer:1", key, mark)


def test_many_keys_get_their_answers_in_three_statements(django_assert_num_queries):
    def effect(fresh):
        return [StoredAnswer(201, f"{index}") for index in fresh]

    with django_assert_num_queries(4):  # the savepoint of the test's own transaction, twice
        answers = answer_many_once([keyed(key) for key in "cab"], effect)

    assert [answer.body for answer in answers] == ["0", "1", "2"]
    assert [run([], key=key).body for key in "cab"] == ["0", "1", "2"]


def test_a_refused_one_of_many_leaves_its_key_free():
    refusal = DomainError("no", "No.")

    outcomes = answer_many_once(
        [keyed("a"), keyed("b"), keyed("c")],
        lambda fresh: [refusal, None, StoredAnswer(200, "fine")],
    )

    assert outcomes == [refusal, None, StoredAnswer(200, "fine")]
    assert list(IdempotencyRecord.objects.values_list("key", "status")) == [("c", 200)]


def test_keys_in_use_are_left_to_be_answered_alone():
    run([], key="old")
    seen = []

    def effect(fresh):
        seen.extend(fresh)
        return [StoredAnswer(200, "fine") for _ in fresh]

    outcomes = answer_many_once([keyed("old"), keyed("new"), keyed("new", "other")], effect)

    assert seen == [1]
    assert outcomes == [None, StoredAnswer(200, "fine"), None]


def test_when_the_effect_of_many_fails_no_key_is_taken():
    def fail(fresh):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        answer_many_once([keyed("a"), keyed("b")], fail)

    assert not IdempotencyRecord.objects.exists()


def test_a_database_without_returning_claims_the_same_keys(monkeypatch):
    run([], key="old")
    features = type(connection.features)
    monkeypatch.setattr(features, "can_return_rows_from_bulk_insert", False)

    outcomes = answer_many_once(
        [keyed("old"), keyed("new")], lambda fresh: [StoredAnswer(200, "fine") for _ in fresh]
    )

    assert outcomes == [None, StoredAnswer(200, "fine")]
    assert run([], key="new").body == "fine"
