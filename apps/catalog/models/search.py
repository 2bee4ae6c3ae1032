"""Tokens by which products are found."""

from __future__ import annotations

from django.db import models

from apps.catalog.models.products import Product
from apps.catalog.search.words import TOKEN_LENGTH
from apps.common.models import ExactCharField
from apps.common.tenancy import TenantManager
from apps.merchants.models import Merchant


class SearchToken(models.Model):
    """One token of a product; derived, kept by ``services.search`` and never edited.

    The unique key is the posting list of a token, newest product last; the index answers whether a
    product has a token.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    token = ExactCharField(max_length=TOKEN_LENGTH)

    objects = TenantManager()

    class Meta:
        """A product has a token once."""

        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "token", "product"], name="search_token_once"
            ),
            models.CheckConstraint(condition=~models.Q(token=""), name="search_token_given"),
        ]
        indexes = [models.Index(fields=["product", "token"], name="search_token_of")]

    def __str__(self) -> str:
        """Return the token and its product."""
        return f"{self.token} → {self.product_id}"
