"""Pure rules of accounts: what the sign-in log keeps of a browser and an address."""

from __future__ import annotations

import ipaddress

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_IPV4_BITS = 24
_IPV6_BITS = 48


def browser_of(user_agent: str) -> str:
    """Return browser and system such as ``Chrome, Windows``, or nothing when neither is known."""
    found = (
        next((name for mark, name in _BROWSERS if mark in user_agent), ""),
        next((name for mark, name in _SYSTEMS if mark in user_agent), ""),
    )
    return ", ".join(part for part in found if part)


def network_of(address: str) -> str:
    """Return the network an address is in (/24, or /48 for IPv6): enough to notice a stranger.

    The journal is kept for ever and so must not hold the address itself.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = _IPV4_BITS if parsed.version == 4 else _IPV6_BITS
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))
