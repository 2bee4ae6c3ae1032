"""The way out never leads in."""

from __future__ import annotations

import pytest

from apps.common.http import OutboundError, check_target, is_public_address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_inner_addresses_are_not_public(address):
    assert is_public_address(address) is False


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_outer_addresses_are_public(address):
    assert is_public_address(address) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://user:secret@93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "https://",
        "https://93.184.216.34:99999/",
        "javascript:alert(1)",
    ],
)
def test_unsafe_targets_are_refused_for_good(url):
    with pytest.raises(OutboundError) as caught:
        check_target(url)

    assert caught.value.permanent is True


def test_a_public_target_is_checked_and_pinned():
    target = check_target("https://93.184.216.34:8443/hook")

    assert (target.host, target.addresses) == ("93.184.216.34", ("93.184.216.34",))
