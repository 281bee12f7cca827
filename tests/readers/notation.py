"""The notation in which a reader's values are compared with what was to be written.

Values are texts, so that no JSON parser rounds them: whole numbers in digits; booleans as true and false; floats as the
sixteen hex digits of their double's bits (NaN as "NaN"); decimals with all places; dates in days and timestamps and times in
microseconds; bytes in hex; lists and structs as JSON of the same, maps as lists of pairs.
"""

import datetime
import decimal
import json
import struct
import uuid

EPOCH = datetime.datetime(1970, 1, 1)


def microseconds(delta):
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def text(value):
    """A reader's value in the notation of the expectation."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return "NaN" if value != value else struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.datetime):
        return str(microseconds(value.replace(tzinfo=None) - EPOCH))
    if isinstance(value, datetime.date):
        return str((value - EPOCH.date()).days)
    if isinstance(value, datetime.time):
        return str(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(nested(value), ensure_ascii=False, separators=(",", ":"))
    raise TypeError(f"{type(value)}: {value!r}")


def nested(value):
    """The same for members and elements, which stay apart."""
    if isinstance(value, dict):
        return {key: nested(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [nested(element) for element in value]
    return text(value)
