"""The variables that switch from the embedded default to real servers."""

from __future__ import annotations

import socket

import pytest

from devtools.switches import Switches, answers


def test_nothing_set_means_the_embedded_default() -> None:
    switches = Switches.read({})

    assert switches == Switches()
    assert switches.needs_valkey
    assert not switches.uses_mysql
    assert not switches.uses_rabbitmq
    assert switches.environment(6390) == {
        "REDIS_URL": "redis://127.0.0.1:6390/0",
        "CELERY_BROKER_URL": "redis://127.0.0.1:6390/1",
    }


def test_a_blank_value_counts_as_not_set() -> None:
    assert Switches.read({"REDIS_URL": " ", "DATABASE_URL": ""}) == Switches()


def test_real_servers_are_passed_on_as_they_were_named() -> None:
    named = {
        "DATABASE_URL": "mysql://u:p@db/portal",
        "REDIS_URL": "redis://cache/0",
        "CELERY_BROKER_URL": "amqp://u:p@queue//",
        "KAFKA_BOOTSTRAP": "stream:9092",
    }

    switches = Switches.read({**named, "OTHER": "x"})

    assert switches.uses_mysql
    assert switches.uses_rabbitmq
    assert not switches.needs_valkey
    assert switches.environment(None) == named


def test_redis_alone_is_the_queue_too() -> None:
    env = Switches.read({"REDIS_URL": "redis://cache/0"}).environment(None)

    assert env == {"REDIS_URL": "redis://cache/0", "CELERY_BROKER_URL": "redis://cache/0"}


def test_rabbitmq_alone_still_needs_valkey_for_the_cache() -> None:
    switches = Switches.read({"CELERY_BROKER_URL": "amqp://queue//"})

    assert switches.needs_valkey
    assert switches.environment(6390) == {
        "REDIS_URL": "redis://127.0.0.1:6390/0",
        "CELERY_BROKER_URL": "amqp://queue//",
    }


@pytest.mark.enable_socket
def test_answers_tells_a_listening_server_from_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert answers(f"mysql://u:p@127.0.0.1:{port}/x")

    assert not answers(f"mysql://u:p@127.0.0.1:{port}/x")
