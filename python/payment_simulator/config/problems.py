"""Problems with a configuration, said in the words of its author.

Pydantic finds them and knows where they are; here its messages become sentences about the key: what was
meant, what would be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]

_BLOCK = "must be a block of keys and values (leave it out to have its defaults, if it has any)"
_TEMPLATES = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be text; write it in quotes",
    "string_unicode": "must be valid Unicode text",
    "string_pattern_mismatch": "must have the form {pattern}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "model_type": _BLOCK,
    "model_attributes_type": _BLOCK,
    "dict_type": _BLOCK,
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_long": "must have {max_length} entries, but has {actual_length}",
}


def problem(location: Location, code: str, message: str, value: object) -> InitErrorDetails:
    """Return one problem in the form that a pydantic ValidationError is made of."""
    return InitErrorDetails(type=PydanticCustomError(code, message), loc=location, input=value)


def explain(section: type[BaseModel], error: ValidationError) -> list[InitErrorDetails]:
    """Return the problems of a section in our words."""
    return [_explained(section, details) for details in error.errors(include_url=False)]


def names_of(section: type[BaseModel]) -> dict[str, str]:
    """Return every key that a section accepts, aliases included, with the key that it stands for."""
    return {
        name: names[0]
        for attribute, field in section.model_fields.items()
        for names in [_names_of(attribute, field)]
        for name in names
    }


def _names_of(attribute: str, field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [str(alias or attribute)]


def _explained(section: type[BaseModel], details: ErrorDetails) -> InitErrorDetails:
    code, value, context = details["type"], details["input"], details.get("ctx")
    location = _without_tag(section, details["loc"])
    if code == "extra_forbidden":
        return problem(location, "unknown_key", _unknown_key(section, str(location[-1])), value)
    if code == "missing" and len(location) == 1:
        return problem(location, "missing", _missing(section, str(location[0])), value)
    if code == "missing" and isinstance(location[-1], int):
        return problem(location, "missing", "is missing", value)
    if code in _TEMPLATES:
        return InitErrorDetails(
            type=PydanticCustomError(code, _TEMPLATES[code], context), loc=location, input=value
        )
    return problem(location, code, details["msg"], value)


def _without_tag(section: type[BaseModel], location: Location) -> Location:
    """Drop the variant's name, which pydantic puts behind the key of a union: it is not in the file."""
    field = section.model_fields.get(str(location[0])) if location else None
    in_list = len(location) > 1 and isinstance(location[1], int)
    discriminator = field and (_of_items(field.annotation) if in_list else field.discriminator)
    place = 2 if in_list else 1
    if discriminator is None or len(location) <= place or location[place] == discriminator:
        return location
    return (*location[:place], *location[place + 1 :])


def _of_items(annotation: Any) -> object:  # noqa: ANN401
    """Return what tells the items of a list apart, if they come in kinds."""
    for part in get_args(annotation):
        if isinstance(part, FieldInfo) and part.discriminator is not None:
            return part.discriminator
        if (found := _of_items(part)) is not None:
            return found
    return None


def _missing(section: type[BaseModel], name: str) -> str:
    fields = {_names_of(attribute, field)[0]: field for attribute, field in section.model_fields.items()}
    described = fields[name].description if name in fields else None
    return f"is missing: {described[0].lower()}{described[1:].rstrip('.')}" if described else "is missing"


def _unknown_key(section: type[BaseModel], key: str) -> str:
    names = names_of(section)
    if key in names:
        twins = [name for name, meaning in names.items() if meaning == names[key] and name != key]
        return f"says the same as {' or '.join(map(repr, twins))}; give only one of them"
    for home, inner in _inner_sections(section):
        if key in names_of(inner):
            return f"unknown key {key!r}; it belongs under {home!r}"
    return f"unknown key {key!r}{hint(key, names, 'the keys here are')}"


def _inner_sections(section: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in section.model_fields.items():
        annotation: Any = field.annotation
        for candidate in (annotation, *get_args(annotation)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                yield name, candidate
