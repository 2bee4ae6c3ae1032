"""From a text that somebody typed or pasted to the carriers it can be a number of."""

from __future__ import annotations

from dataclasses import dataclass

from apps.carriers.recognition.table import FORMS

# The longest form has 41 signs; what is longer is no number.
_LONGEST = 41


@dataclass(frozen=True, slots=True)
class Match:
    """A carrier whose number it can be; ``is_checked`` says that a check sign speaks for it."""

    carrier: str
    carrier_name: str
    form: str
    is_checked: bool


def clean_number(text: str) -> str:
    """Return a tracking number as it is compared: without white space, in capitals."""
    return "".join(text.split()).upper()


def recognize(text: str) -> tuple[Match, ...]:
    """Return the forms a number can have, those with a right check sign first, else as listed.

    Several carriers use plain digits of the same length, so more than one answer is usual there;
    none means that no known carrier prints such a number, or that it was mistyped.
    """
    number = clean_number(text)
    if len(number) > _LONGEST:
        return ()
    found = [
        Match(form.carrier, form.carrier_name, form.name, form.check is not None)
        for form in FORMS
        if form.fits(number)
    ]
    return tuple(sorted(found, key=lambda match: not match.is_checked))
