"""What the sign-in log keeps of a browser and an address."""

from __future__ import annotations

import pytest

from apps.accounts.rules import browser_of, network_of


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Firefox/150.0", "Firefox, Mac"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_the_browser_is_named(agent, shown):
    assert browser_of(agent) == shown


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_only_the_network_is_kept(address, network):
    assert network_of(address) == network
