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

built_in = checks.positive_data_acceptance


def positive_data_acceptance(ctx, response, case):
    if response.status_code == 400:
        problem = response.json()
        if {error["code"] for error in problem["errors"]} <= OF_DATA:
            return None
    return built_in(ctx, response, case)


# In place of the built-in one, under its name: the settings of that name hold for it.
CHECKS.unregister("positive_data_acceptance")
schemathesis.check(positive_data_acceptance)
