"""Quoting the landed cost of a sale, keeping it, and working it out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from apps.common.errors import DomainError
from apps.journal.actors import Actor
from apps.markets.landed.book import compile_book
from apps.markets.landed.result import LandedCostError, MissingRateError, NoRuleError
from apps.markets.landed.sale import Sale, sale_as_json, sale_from_json
from apps.markets.models import LandedQuote, RuleRow
from apps.markets.selectors.rule_books import body_of, rates_for, rules_for


def quote_landed_cost(sale: Sale, *, tenant_id: int, actor: Actor, now: datetime) -> LandedQuote:
    """Price a sale by the rows of its day and keep inputs, rows and result.

    Exchange rates that the sale does not bring are the stored ones of the day. Raises
    ``markets.no_rule`` or ``markets.no_rate`` (422): a charge nobody can work out is never 0.
    """
    dated = rules_for(sale.destination, sale.sold_on)
    known = rates_for(dated, sale.currency, sale.sold_on)
    priced = replace(sale, fx={**known, **sale.fx})
    try:
        quote = dated.book.quote(priced)
    except LandedCostError as error:
        raise _refusal(sale, error) from error
    return LandedQuote.objects.create(
        tenant_id=tenant_id,
        country=sale.destination,
        sold_on=sale.sold_on,
        inputs=sale_as_json(priced),
        book=list(dated.row_ids),
        result=quote.as_bytes().decode(),
        quoted_by=str(actor),
        quoted_at=now,
    )


def replay_quote(quote: LandedQuote) -> bytes:
    """Work a stored quote out again from the row versions it names; equal bytes prove it unchanged.

    Rows that were added, approved or ended since have no part in it. Raises ``markets.lost_rows``
    (409) when a named row is not there.
    """
    rows = list(RuleRow.objects.filter(public_id__in=quote.book))
    if len(rows) != len(quote.book):
        raise DomainError("markets.lost_rows", _("Rows this quote was made by are missing."))
    sale = sale_from_json(quote.inputs)
    book = compile_book([body_of(row) for row in rows], sale.destination, sale.sold_on)
    return book.quote(sale).as_bytes()


def _refusal(sale: Sale, error: LandedCostError) -> DomainError:
    if isinstance(error, MissingRateError):
        return DomainError(
            "markets.no_rate",
            _("There is no exchange rate for %(currency)s on %(day)s.")
            % {"currency": error.currency, "day": sale.sold_on.isoformat()},
            status=422,
        )
    charge = _("duty") if isinstance(error, NoRuleError) and error.charge == "duty" else _("tax")
    return DomainError(
        "markets.no_rule",
        _("The %(charge)s to %(country)s on %(day)s cannot be worked out: %(why)s.")
        % {
            "charge": charge,
            "country": sale.destination,
            "day": sale.sold_on.isoformat(),
            "why": error.reason if isinstance(error, NoRuleError) else error,
        },
        status=422,
    )
