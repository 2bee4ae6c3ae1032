"""The check digits that carriers use; each takes the number without its check sign."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_uppercase, digits

_SIGNS = digits + ascii_uppercase
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def gs1(body: str) -> str:
    """Weights 3 and 1 in turn from the right, up to the next ten (GS1 General Specifications)."""
    total = sum(int(sign) * (1 if place % 2 else 3) for place, sign in enumerate(reversed(body)))
    return str(-total % 10)


def luhn(body: str) -> str:
    """Every second digit from the right doubled and its digits added (ISO/IEC 7812-1)."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def one_two(body: str) -> str:
    """Weights 1 and 2 in turn from the left; a letter counts as its place in ASCII less 3, mod 10."""
    total = 0
    for place, sign in enumerate(body):
        value = int(sign) if sign in digits else (ord(sign) - 3) % 10
        total += value * (2 if place % 2 else 1)
    return str(-total % 10)


def mod_7(body: str) -> str:
    """The remainder of the whole number by 7."""
    return str(int(body) % 7)


def one_seven_three(body: str) -> str:
    """Weights 1, 3, 7 in turn from the right, the sum modulo 11, of that the last digit."""
    weights = (1, 3, 7)
    total = sum(int(sign) * weights[place % 3] for place, sign in enumerate(reversed(body)))
    return str(total % 11 % 10)


def mod_37_36(body: str) -> str:
    """Digits and letters by the hybrid system MOD 37,36 of ISO/IEC 7064."""
    carried = 36
    for sign in body:
        carried = (carried + _SIGNS.index(sign)) % 36 or 36
        carried = carried * 2 % 37
    return _SIGNS[(37 - carried) % 36]


def s10(body: str) -> str:
    """Weights 8 6 4 2 3 5 9 7, 11 less the remainder by 11; 10 is 0 and 11 is 5 (UPU S10)."""
    total = sum(int(sign) * by for sign, by in zip(body, _S10_WEIGHTS, strict=True))
    return str({10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11))


CheckDigit = Callable[[str], str]
