"""``dev.py services``: start, stop and show our own servers."""

from __future__ import annotations

import os
import shlex

from devtools.machine import need_debian, say
from devtools.services.mariadb import MariaDB
from devtools.services.rabbitmq import RabbitMQ
from devtools.services.redis import Redis
from devtools.switches import answers

Service = MariaDB | Redis | RabbitMQ


def act(action: str) -> int:
    """Do ``start``, ``stop``, ``status`` or ``env``; results go to standard output."""
    services: list[Service] = [MariaDB(), Redis(), RabbitMQ()]
    if action == "stop":
        for service in reversed(services):
            service.stop()
        return 0
    if action == "status":
        return _show(services)
    if action == "start":
        _start(services)
    return _print_environment(services)


def _start(services: list[Service]) -> None:
    """Start what is not there yet; a server named in the environment that answers is used as is."""
    ours = [service for service in services if not _given(service)]
    packages = [name for service in ours for name in service.packages]
    if packages:
        need_debian(packages, why="MariaDB, Redis and RabbitMQ come from Debian's packages")
    for service in ours:
        if service.daemon.identity():
            say(f"{service.daemon.name} is running already.")
            continue
        say(f"Starting {service.daemon.name} ...")
        service.start()


def _given(service: Service) -> str:
    """Return the address the environment names for the service, if something answers there."""
    url = os.environ.get(service.variable, "").strip()
    return url if url and answers(url) else ""


def _address(service: Service) -> str:
    return _given(service) or (service.url() if service.daemon.identity() else "")


def _print_environment(services: list[Service]) -> int:
    """Print shell lines; return 1 if a server is missing."""
    addresses = {service.variable: _address(service) for service in services}
    for name, url in addresses.items():
        if url:
            print(f"export {name}={shlex.quote(url)}")
    return 0 if all(addresses.values()) else 1


def _show(services: list[Service]) -> int:
    for service in services:
        given, identity = _given(service), service.daemon.identity()
        if given:
            state = f"{service.variable} names one that answers"
        elif identity:
            state = f"runs on port {service.daemon.port} (process {identity.pid})"
        else:
            state = "does not run"
        print(f"{service.daemon.name:<9} {state}")
    return 0
