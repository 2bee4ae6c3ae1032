"""One key, one effect, one answer."""

from __future__ import annotations

import pytest

from apps.common.errors import DomainError
from apps.common.idempotency import StoredAnswer, answer_once, clean_key, fingerprint
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
