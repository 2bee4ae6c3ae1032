"""What is wrong with a file, a row or a cell, and what to do, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.catalog.sentences import explain_refusal, refuse_missing
from apps.imports.layouts import LAYOUTS

Facts = Mapping[str, str | int]
_FILES: dict[str, Promise] = {
    "too_large": _("The file is larger than %(megabytes)s MB. Split it into several."),
    "empty_file": _("The file is empty. Choose the sheet again."),
    "old_workbook": _(
        "This is an old or protected Excel file. Save it as .xlsx without a password, or as CSV."
    ),
    "not_a_sheet": _("This is not a sheet. Upload CSV or XLSX."),
    "no_rows": _("There is no row below the header. Fill in the sheet first."),
    "too_many_rows": _("The sheet has more than %(limit)s rows. Split it into several."),
    "too_many_columns": _("The sheet has more than %(limit)s columns. Remove those not needed."),
    "broken_workbook": _("The workbook cannot be opened. Save it again as .xlsx, or as CSV."),
    "locked_workbook": _("The workbook is protected by a password. Save it without one."),
    "too_many_parts": _(
        "The workbook has more than %(limit)s parts. Copy the sheet into a new workbook."
    ),
    "unpacks_too_far": _(
        "The workbook would unpack to %(megabytes)s MB. Copy the sheet into a new one, or save CSV."
    ),
    "too_demanding": _(
        "The workbook takes too much memory or time. Copy the rows into a new workbook, or save CSV."
    ),
    "encoding": _(
        "Row %(row)s is neither UTF-8 nor Chinese (GB18030). Save the file as “CSV UTF-8” or XLSX."
    ),
    "broken_quotes": _(
        "Row %(row)s: a quotation mark is not closed, or stands inside a cell. Double it or remove it."
    ),
    "columns": _("%(message)s"),
    "cell_too_long": _("Row %(row)s has a cell of over %(limit)s characters. Shorten it."),
}
_ROWS: dict[str, Promise] = {
    "missing": _("This cell is empty, but needed. Fill it in."),
    "too_many_cells": _(
        "The row has %(cells)s cells, the header %(columns)s. Put quotation marks around a text "
        "that contains the separator."
    ),
    "too_long": _("%(length)s characters; at most %(limit)s are allowed. Shorten it."),
    "unreadable": _("There are characters that cannot be read, or line breaks. Type it again."),
    "became_date": _(
        "The spreadsheet made a date of this (%(value)s). Format the column as text and type it again."
    ),
    "shortened": _(
        "The spreadsheet shortened this number (%(value)s). Format the column as text, type it again."
    ),
    "gtin": _("“%(value)s” is not a GTIN: 8, 12, 13 or 14 digits with a check digit. Look it up."),
    "hs_code": _("“%(value)s” is not an HS code: 6, 8, 10 or 12 digits. Look it up."),
    "country": _("“%(value)s” is not a country. Use two letters, such as CN."),
    "currency": _("“%(value)s” is not a currency. Use three letters, such as EUR."),
    "number": _("“%(value)s” is not a number. Write it with “%(mark)s” as decimal mark."),
    "other_mark": _(
        "“%(value)s” uses another decimal mark than “%(mark)s”, which you chose. Change one of them."
    ),
    "not_whole": _("“%(value)s” is not a whole number."),
    "out_of_range": _("“%(value)s” is out of range; from 0 to %(limit)s are allowed."),
    "below_zero": _("“%(value)s” is below zero."),
    "too_fine": _("%(value)s has more decimals than %(currency)s allows (%(digits)s). Round it."),
    "yes_or_no": _("“%(value)s” is neither yes nor no."),
    "not_a_choice": _("“%(value)s” is not one of: %(choices)s."),
    "duplicate": _("%(key)s is already in row %(row)s. Keep one of the rows."),
    "group_parted": _(
        "“%(value)s” ended in row %(row)s already. Put the rows of one product one after another."
    ),
    "group_too_long": _("A product may have at most %(limit)s rows in a sheet."),
    "unknown_product": _(
        "There is no product %(value)s. Export your products, or use a word of your own."
    ),
    "other_product": _("This SKU belongs to another product. A SKU stays with its product."),
    "title_missing": _("A new product needs a title. Fill it in, at least in its first row."),
    "differs": _("This differs from row %(row)s of the same product. Make them equal."),
    "cost_missing": _("The cost currency would change to %(currency)s. Give the cost as well."),
    "last_variant": _(
        "This is the last variant on offer. Set the product status to “archived” instead."
    ),
    "unknown_sku": _("There is no SKU %(value)s. Import its product first."),
    "unknown_market": _("There is no market “%(value)s”. The markets are: %(choices)s."),
    "withdrawn": _("SKU %(value)s is withdrawn. Bring it back before you price it."),
    "price_zero": _("A price must be above zero."),
    "unknown_node": _("There is no place “%(value)s”. Yours are: %(choices)s."),
    "node_missing": _("Name the place. Yours are: %(choices)s."),
    "refused": _("%(message)s"),
    "number_as_text": _(
        "The cell is a number and is read as “%(value)s”. If zeros are missing in front, format the "
        "column as text."
    ),
    "zeros_added": _("The spreadsheet dropped zeros in front; this is read as “%(value)s”."),
    "undo_changed": _("Somebody changed this since the import; it stays as it is."),
    "undo_moved": _("Stock moved since: the import set %(then)s, now it is %(now)s. It stays."),
    "undo_used": _("It is on sale, in stock or in an order by now; it stays."),
    "undo_gone": _("It does not exist any more."),
    "undo_withdrawn": _("The variant was withdrawn since; its price stays as it is."),
}


def explain_file(code: str, facts: Facts) -> str:
    """Return the sentence of a file that cannot be read."""
    return _told(_FILES, code, facts)


def explain(code: str, facts: Facts) -> str:
    """Return the sentence of a problem of a row or cell."""
    special: dict[str, Callable[[Facts], str]] = {"gate_closed": _gate_closed}
    return special[code](facts) if code in special else _told(_ROWS, code, facts)


def _gate_closed(facts: Facts) -> str:
    names = str(facts.get("names", "")).split(",")
    told = gettext("The price is saved, but the SKU does not go on sale. %(why)s")
    return told % {"why": explain_refusal(refuse_missing(names))}


def _told(sentences: Mapping[str, Promise], code: str, facts: Facts) -> str:
    found = sentences.get(code)
    return str(found) % dict(facts) if found is not None else code


def column_label(kind: str, name: str) -> str:
    """Return the name of a column as people read it."""
    column = LAYOUTS[kind].find(name)
    return str(column.label) if column is not None else name
