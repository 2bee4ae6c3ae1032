"""RabbitMQ as a node of its own: own name, ports, port mapper, cookie and folders."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from devtools.machine import LOOPBACK, say
from devtools.processes import Identity, end, wait_gone
from devtools.services.daemon import Daemon

PACKAGES = ("rabbitmq-server",)
_USER = "portal"
_CONFIG = """\
listeners.tcp.local = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
default_vhost = /
vm_memory_high_watermark.absolute = 768MB
disk_free_limit.absolute = 256MB
log.console = true
log.console.level = info
log.file = false
"""


class RabbitMQ:
    """The broker, and the Erlang port mapper it needs."""

    packages = PACKAGES
    variable = "CELERY_BROKER_URL"

    def __init__(self) -> None:
        """Describe the servers; nothing is started."""
        self.daemon = Daemon("rabbitmq", user="rabbitmq", port=35672)
        self._mapper = Daemon("epmd", user="rabbitmq", port=34369)
        self._dist = Daemon("rabbitmq-dist", user="rabbitmq", port=36673)

    def url(self) -> str:
        """Return the address for ``CELERY_BROKER_URL``."""
        return f"amqp://{_USER}:{self.daemon.secret()}@{LOOPBACK}:{self.daemon.port}//"

    def start(self) -> None:
        """Start the port mapper and the node, and wait until it speaks AMQP."""
        daemon = self.daemon
        for part in (daemon, self._mapper, self._dist):
            part.make_folder()
        if not self._mapper.identity():
            mapper = shutil.which("epmd") or "epmd"
            self._mapper.start([mapper, "-address", LOOPBACK, "-port", str(self._mapper.port)])
            self._mapper.wait(lambda: _listens(self._mapper.port), patience=10)
        port = daemon.port
        text = _CONFIG.format(port=port, user=_USER, password=daemon.secret())
        daemon.write("rabbitmq.conf", text)
        daemon.write("enabled_plugins", "[].\n")
        daemon.start(["/usr/lib/rabbitmq/bin/rabbitmq-server"], self._environment())
        daemon.wait(lambda: _speaks_amqp(port), patience=120)
        self._remember_node()

    def stop(self) -> None:
        """End the node, then its port mapper; the queues stay on disk."""
        node = Identity.read(self._node_file)
        if node and node.is_alive():
            end(node, patience=60)
            if script := self.daemon.identity():
                wait_gone(script, patience=10)
            say("rabbitmq stopped.")
        self.daemon.stop()
        self._mapper.stop()

    def _environment(self) -> dict[str, str]:
        folder = self.daemon.folder
        return {
            "RABBITMQ_NODENAME": "globalselling@localhost",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment-file"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "no-advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "node.pid"),
            "RABBITMQ_DIST_PORT": str(self._dist.port),
            "ERL_EPMD_PORT": str(self._mapper.port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2"
            ),
        }

    def _remember_node(self) -> None:
        """Note the Erlang process itself: the shell script before it would hand on no signal."""
        pid = int((self.daemon.folder / "node.pid").read_text())
        if identity := Identity.of(pid):
            identity.write(self._node_file)

    @property
    def _node_file(self) -> Path:
        return self.daemon.folder / "node.identity"


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def _speaks_amqp(port: int) -> bool:
    """Tell whether the broker answers the protocol header with a method frame (type 1)."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as link:
            link.sendall(b"AMQP\x00\x00\x09\x01")
            return link.recv(1) == b"\x01"
    except OSError:
        return False
