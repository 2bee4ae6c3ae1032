"""Bodies that bring a file: a form of several parts, read to the disk and never wholly into memory."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions

from apps.imports.reading import digest_of, limits
from apps.partners.api.input import field_error, invalid
from apps.partners.api.operation import FORM
from apps.partners.errors import TooLargeError

S = TypeVar("S", bound=msgspec.Struct)
FILE = "file"
# The other parts and the lines between them.
_AROUND = 64 * 1024


def read_upload(request: HttpRequest, kind: type[S]) -> tuple[S, UploadedFile[bytes] | None, bytes]:
    """Return the struct of a form's fields, its file, and what tells it from another form.

    Raises 413 for a body that is larger than the largest sheet, 415 for one that is no form, 400
    for a damaged one, 422 with the field for what does not fit.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limits.MAX_BYTES + _AROUND:
        raise TooLargeError(
            _("The body is larger than %(limit)s bytes.") % {"limit": limits.MAX_BYTES + _AROUND}
        )
    media = (request.META.get("CONTENT_TYPE") or "").partition(";")[0].strip().lower()
    if media != FORM:
        raise exceptions.UnsupportedMediaType(media or "nothing")
    try:
        fields, files = request.POST, request.FILES
    except RequestDataTooBig:
        raise
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise exceptions.ParseError(_("The form cannot be read.")) from error
    body = _read_fields({name: str(fields[name]) for name in fields}, kind)
    if unknown := sorted(set(files) - {FILE}):
        raise field_error("invalid", unknown[0][:60], _("There is no such field."))
    file = files.get(FILE)
    return body, file, _mark(body, file)


def _read_fields(given: dict[str, str], kind: type[S]) -> S:
    """Return the struct; a field that holds an object comes as JSON."""
    objects = {field.name for field in msgspec.structs.fields(kind) if _is_object(field.type)}
    values: dict[str, object] = {}
    for name, text in given.items():
        try:
            values[name] = msgspec.json.decode(text) if name in objects else text
        except msgspec.DecodeError as error:
            raise field_error("invalid", name, _("This is not valid JSON.")) from error
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error, status=422) from error


def _is_object(kind: object) -> bool:
    told = msgspec.inspect.type_info(kind)
    while isinstance(told, msgspec.inspect.Metadata):
        told = told.type
    return isinstance(told, msgspec.inspect.DictType)


def _mark(body: msgspec.Struct, file: UploadedFile[bytes] | None) -> bytes:
    told = [] if file is None else [file.name or "", digest_of(file)]
    return hashlib.sha256(msgspec.json.encode([body, told], order="sorted")).digest()
