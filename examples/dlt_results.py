"""Loads a task's results into DuckDB with dlt (pip install "dlt[duckdb]").

usage: examples/dlt_results.py BASE_URL API_KEY TASK_ID [DATABASE_FILE]

Three ways to the same rows, take the one that fits: `listed` follows the pages of the list and `searched` the cursor of
the search, both from the beginning at every run; `changed` follows the change feed and asks only for what changed since
the last run. The key needs the scope results:read.
"""

import itertools
import sys

import dlt
from dlt.sources.rest_api import rest_api_source

WAYS = ("listed", "searched", "changed")
ROW = {"primary_key": "testInstanceId", "max_table_nesting": 0}


def results(base_url, key, task, limit=1000):
    instances = f"tasks/{task}/test-instances"
    query = {"mode": "detailed", "limit": limit}
    positions = itertools.count()
    listed = {
        "name": "listed",
        "write_disposition": "replace",
        "endpoint": {
            "path": instances,
            "params": query,
            "data_selector": "testInstances",
            "paginator": {"type": "page_number", "base_page": 1, "total_path": "pagination.totalPages"},
        },
        **ROW,
    }
    searched = {
        "name": "searched",
        "write_disposition": "replace",
        "endpoint": {
            "path": f"{instances}/filter",
            "method": "POST",
            "params": query,
            "json": {"kind": "meta"},
            "data_selector": "testInstances",
            "paginator": {"type": "cursor", "cursor_path": "pagination.lastDocId", "cursor_param": "lastDocId"},
        },
        **ROW,
    }
    changed = {
        "name": "changed",
        "write_disposition": "merge",
        # An instance may change again between two runs of one load: the later change counts.
        "columns": {"position": {"dedup_sort": "desc", "data_type": "bigint"}},
        "processing_steps": [{"map": lambda change: {"position": next(positions), **change}}],
        "endpoint": {
            "path": f"{instances}/changes",
            "params": query,
            "data_selector": "changes",
            "paginator": {"type": "cursor", "cursor_path": "cursor", "cursor_param": "since", "has_more_path": "hasMore"},
            # Cursors are opaque: the last one met is the one to go on from, whatever it looks like.
            "incremental": {"start_param": "since", "cursor_path": "cursor", "last_value_func": lambda met: met[0]},
        },
        **ROW,
    }
    client = {"base_url": f"{base_url}/api/integration/rest/v1/", "auth": {"type": "bearer", "token": key}}
    return rest_api_source({"client": client, "resources": [listed, searched, changed]}, name="assay")


def pipeline(file, folder=None):
    return dlt.pipeline("assay_results", destination=dlt.destinations.duckdb(file), dataset_name="assay", pipelines_dir=folder)


def main(arguments):
    if len(arguments) not in (3, 4):
        sys.exit(__doc__)
    file = arguments[3] if len(arguments) == 4 else "results.duckdb"
    print(pipeline(file).run(results(*arguments[:3])))


if __name__ == "__main__":
    main(sys.argv[1:])
