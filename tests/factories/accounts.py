"""People."""

from __future__ import annotations

import factory
from allauth.account.models import EmailAddress

from apps.accounts.models import User

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person with a verified address and the password ``PASSWORD``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    full_name = "Lin Yuan"
    language = "en"

    @factory.post_generation
    def finish(self: User, create: bool, extracted: object, **kwargs: object) -> None:
        """Set the password and verify the address."""
        self.set_password(PASSWORD)
        if create:
            self.save()
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)
