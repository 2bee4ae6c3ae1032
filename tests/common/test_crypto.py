"""Personal data is unreadable without its key."""

from __future__ import annotations

import pytest

from apps.common.crypto import Sealed, UnreadableError, blind_index, seal, unseal


def test_what_was_sealed_comes_back():
    fields = {"name": "林源", "street": "Sonnenallee 214"}

    sealed = seal(fields)

    assert unseal(sealed) == fields
    assert b"Sonnenallee" not in sealed.text


def test_two_seals_of_one_text_differ():
    assert seal({"a": "b"}).text != seal({"a": "b"}).text


def test_without_its_key_the_text_is_lost():
    sealed = seal({"name": "Jonas"})

    with pytest.raises(UnreadableError):
        unseal(Sealed(b"", sealed.text))
    with pytest.raises(UnreadableError):
        unseal(Sealed(seal({}).key, sealed.text))


def test_an_altered_text_is_refused():
    sealed = seal({"name": "Jonas"})

    with pytest.raises(UnreadableError):
        unseal(Sealed(sealed.key, sealed.text[:-1] + bytes([sealed.text[-1] ^ 1])))


def test_the_blind_index_ignores_case_and_margins_and_needs_the_key(settings):
    first = blind_index("Jonas@Example.de")

    assert blind_index("  jonas@example.DE ") == first
    settings.PERSONAL_DATA_KEY = "b3RoZXItcGVyc29uYWwtZGF0YS1rZXktMzItYnl0ZXM="
    assert blind_index("jonas@example.de") != first
