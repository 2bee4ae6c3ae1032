"""Texts of allauth and Django that people meet here and whose Chinese we write ourselves.

``makemessages`` reads these lists; our catalogue is asked before the packages' own, so the words
match the portal's. The texts stand exactly as in the packages.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

ALLAUTH: tuple[str, ...] = (
    # Forms
    _("Email"),
    _("Email address"),
    _("Authenticator code"),
    _("Current Password"),
    _("Passwordless"),
    _(
        "Enabling passwordless operation allows you to sign in using just this key, but imposes"
        " additional requirements such as biometrics or PIN protection."
    ),
    _("Master key"),
    _("Backup key"),
    # Ways to show that it is you
    _("Use your password"),
    _("Use authenticator app or code"),
    # Errors
    _("This account is currently inactive."),
    _("You cannot remove your primary email address."),
    _("This email address is already associated with this account."),
    _("The email address and/or password you specified are not correct."),
    _("A user is already registered with this email address."),
    _("Please type your current password."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid or expired key."),
    _("Invalid login."),
    _("The password reset token was invalid."),
    _("You cannot add more than %d email addresses."),
    _("The email address is not assigned to any user account."),
    _("Your primary email address must be verified."),
    _("The new value must be different from the current one."),
    _("Be patient, you are sending too many requests."),
    _("You must type the same password each time."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    # Messages
    _("Confirmation email sent to %(email)s."),
    _("You have confirmed %(email)s."),
    _("Removed email address %(email)s."),
    _("Primary email address set."),
    _("Successfully signed in as %(name)s."),
    _("You have signed out."),
    _("Password successfully changed."),
    _("Password successfully set."),
    _("A new set of recovery codes has been generated."),
    _("Save them  in a secure location now — they won't be shown again."),
    _("Authenticator app activated."),
    _("Authenticator app deactivated."),
    _("Signed out of all other sessions."),
    # E-mails
    _("Hello from %(site_name)s!"),
    _("Thank you for using %(site_name)s!\n%(site_domain)s"),
    _(
        "You're receiving this email because user %(user_display)s has given your email address to"
        " register an account on %(site_domain)s."
    ),
    _("To confirm this is correct, go to %(activate_url)s"),
    _("Please Confirm Your Email Address"),
    _("Password Reset Email"),
    _(
        "You're receiving this email because you or someone else has requested a password reset"
        " for your user account.\nIt can be safely ignored if you did not request a password reset."
        " Click the link below to reset your password."
    ),
    _("Account Already Exists"),
    _(
        "You are receiving this email because you or someone else tried to signup for an\n"
        "account using email address:\n\n%(email)s\n\nHowever, an account using that email address"
        " already exists.  In case you have\nforgotten about this, please use the password"
        " forgotten procedure to recover\nyour account:\n\n%(password_reset_url)s"
    ),
    _("Unknown Account"),
    _(
        "You are receiving this email because you, or someone else, tried to access an account"
        " with email %(email)s. However, we do not have any record of such an account in our"
        " database."
    ),
    _("This mail can be safely ignored if you did not initiate this action."),
    _("If it was you, you can sign up for an account using the link below."),
)
DJANGO: tuple[str | Promise, ...] = (
    _("Enter a valid email address."),
    _("Your password can’t be too similar to your other personal information."),
    _("Your password can’t be a commonly used password."),
    _("The password is too similar to the %(verbose_name)s."),
    _("This password is too common."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    # Django changed this text after its Chinese catalogue was made.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
