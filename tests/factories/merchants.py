"""Companies, stores and members."""

from __future__ import annotations

import factory
from django_scopes import scopes_disabled

from apps.merchants.models import Member, Merchant, Role, Store
from tests.factories.accounts import UserFactory


class MerchantFactory(factory.django.DjangoModelFactory[Merchant]):
    """A Chinese company selling directly."""

    class Meta:
        model = Merchant

    name = factory.Sequence(lambda n: f"Lanling Home {n}")


class ScopelessFactory(factory.django.DjangoModelFactory):
    """A factory of tenant rows that works whatever scope is open."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with scopes_disabled():
            return super()._create(model_class, *args, **kwargs)


class StoreFactory(ScopelessFactory):
    """A store."""

    class Meta:
        model = Store

    merchant = factory.SubFactory(MerchantFactory)
    name = "Lanling Home Store"


class MemberFactory(ScopelessFactory):
    """A person in a company, an owner unless told otherwise."""

    class Meta:
        model = Member

    merchant = factory.SubFactory(MerchantFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OWNER
