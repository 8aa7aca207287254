"""What schemathesis cannot know of this server, loaded by fuzz_api.py (SCHEMATHESIS_HOOKS).

A request that keeps to the document may still be refused with 400 for what only the data can tell, such as an id that
names nothing. Its code says so; every other 400 is a fault of the document or of a reader.
"""

import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi import checks

# What needs data, or more than one value, to be judged: no schema can say it.
OF_DATA = {
    "conflicting_filters",
    "conflicting_values",
    "duplicate_credentials",
    "duplicate_uniq_id",
    "idempotency_key_reused",
    "invalid_range",
    "missing_criterion",
    "unknown_cursor",
    "unknown_reference",
}

# What one member demands of another, or a rule about letters or digits that no schema writes down: the last part of
# the pointer and the code.
BEYOND_A_SCHEMA = {
    ("amount", "out_of_range"),
    ("correction", "invalid_format"),
    ("expiresAt", "out_of_range"),
    ("extraEmails", "required"),
    ("logo", "invalid_format"),
    ("options", "invalid_length"),
    ("percentage", "invalid_format"),
    ("points", "invalid_format"),
    ("username", "invalid_format"),
    ("weight", "invalid_format"),
}

# Documents of tests and questions have a schema of their own, which `assay test schema` prints.
OF_DOCUMENTS = ("/tests", "/tests/archive", "/tests/check", "/questions")

built_in = checks.positive_data_acceptance


@schemathesis.serializer("application/zip")
def zip_body(ctx, value):
    """What is made up for an archive goes as it is: it is none, and must be refused as such."""
    return value if isinstance(value, bytes) else str(value).encode()



def positive_data_acceptance(ctx, response, case):
    if response.status_code == 400:
        if case.operation.path.endswith(OF_DOCUMENTS) or all(map(is_beyond_a_schema, response.json()["errors"])):
            return None
    return built_in(ctx, response, case)


def is_beyond_a_schema(error):
    name = error.get("pointer", "").rsplit("/", 1)[-1]
    return error["code"] in OF_DATA or (name, error["code"]) in BEYOND_A_SCHEMA


# In place of the built-in one, under its name: the settings of that name hold for it.
CHECKS.unregister("positive_data_acceptance")
schemathesis.check(positive_data_acceptance)


@schemathesis.hook
def map_body(context, body):
    return plain(body)


def plain(value):
    """Numbers as people write them: JSON Schema takes 7.0 for an integer and 1e-9 for a decimal, the contract does not."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 4)
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
