"""Walks every endpoint of the integration API with the client that openapi-python-client made from the document.

Reads where the server is from standard input and prints `METHOD PATH STATUS` for each answer.
"""

import json
import sys
from typing import TypeVar

import httpx
from assay_client import AuthenticatedClient
from assay_client.api.candidates import (
    change_candidate,
    create_candidate,
    delete_candidate,
    fetch_candidate,
    list_candidates,
)
from assay_client.api.tasks import change_task, fetch_task, list_tasks, search_tasks
from assay_client.api.test_instances import (
    expand_test_instance,
    export_test_instances,
    fetch_test_instance,
    list_proctoring_evidences,
    list_test_instance_answers,
    list_test_instance_changes,
    list_test_instances,
    search_test_instances,
)
from assay_client.api.users import fetch_user, list_users, search_users
from assay_client.models import (
    BasicTestInstance,
    CandidatePatch,
    CandidatePatchFields,
    DetailedTask,
    DetailedTestInstance,
    ExpandRequestExpandItem,
    ExpandRequest,
    FetchTaskMode,
    InternalCandidate,
    InternalCandidateKind,
    TaskLabelPatch,
    ListTestInstancesMode,
    MetaSearch,
    MetaSearchKind,
    Problem,
    TestInstanceStatus,
    TaskPatch,
    TaskPatchFields,
    TaskSearch,
    TemporaryCandidate,
    TemporaryCandidateKind,
    UserSearch,
)

Read = TypeVar("Read")


def tell(response: httpx.Response) -> None:
    print(response.request.method, response.request.url.path, response.status_code)


def good(read: Read | Problem | None) -> Read:
    assert read is not None and not isinstance(read, Problem), read
    return read


def main() -> None:
    inputs = json.load(sys.stdin)
    client = AuthenticatedClient(
        base_url=inputs["url"],
        token=inputs["key"],
        raise_on_unexpected_status=True,
        httpx_args={"event_hooks": {"response": [tell]}},
    )
    walk_tasks(client, inputs["taskId"])
    walk_users(client, inputs["userId"])
    walk_candidates(client, inputs["taskId"], inputs["userId"])
    walk_instances(client, inputs["taskId"], inputs["instanceId"])


def walk_tasks(client: AuthenticatedClient, task: str) -> None:
    page = good(list_tasks.sync(client=client, limit=1, title="walk"))
    assert page.pagination.total_items == 1 and page.tasks[0].task_id == task
    found = good(search_tasks.sync(client=client, body=TaskSearch(title="Walk", favorite=False)))
    assert [one.task_id for one in found.tasks] == [task]
    patch = TaskPatch(fields=TaskPatchFields(labels=TaskLabelPatch(add=["north"]), active_before=None))
    changed = good(change_task.sync(task, client=client, body=patch))
    fetched = good(fetch_task.sync(task, client=client, mode=FetchTaskMode.DETAILED))
    assert isinstance(fetched, DetailedTask) and fetched == changed and fetched.labels == ["north"]
    missing = fetch_task.sync("nosuchtask", client=client)
    assert isinstance(missing, Problem) and missing.code == "not_found"


def walk_users(client: AuthenticatedClient, user: str) -> None:
    page = good(list_users.sync(client=client, username="ADA"))
    found = good(search_users.sync(client=client, body=UserSearch(active=True, group=["default"])))
    fetched = good(fetch_user.sync(user, client=client))
    assert page.users == [fetched] and [one.user_id for one in found.users] == [user]


def walk_candidates(client: AuthenticatedClient, task: str, user: str) -> None:
    new = TemporaryCandidate(kind=TemporaryCandidateKind.TEMPORARY_CANDIDATE, fullname="Grace", email="g@example.org")
    made = good(create_candidate.sync(task, client=client, body=new, idempotency_key="walk-1"))
    again = good(create_candidate.sync(task, client=client, body=new, idempotency_key="walk-1"))
    assert made == again
    internal = InternalCandidate(kind=InternalCandidateKind.INTERNAL_CANDIDATE, id=user)
    good(create_candidate.sync(task, client=client, body=internal))
    listed = good(list_candidates.sync(task, client=client, email="g@example.org"))
    fetched = good(fetch_candidate.sync(task, made.candidate_id, client=client))
    assert listed.candidates == [fetched] and fetched.direct_access_url == made.direct_access_url
    patch = CandidatePatch(fields=CandidatePatchFields(group="east"))
    assert good(change_candidate.sync(task, made.candidate_id, client=client, body=patch)).group == "east"
    good(delete_candidate.sync(task, made.candidate_id, client=client))
    gone = fetch_candidate.sync(task, made.candidate_id, client=client)
    assert isinstance(gone, Problem) and gone.status == 404


def walk_instances(client: AuthenticatedClient, task: str, instance: str) -> None:
    basic = good(list_test_instances.sync(task, client=client))
    detailed = good(list_test_instances.sync(task, client=client, mode=ListTestInstancesMode.DETAILED))
    (row,), (whole,) = basic.test_instances, detailed.test_instances
    assert isinstance(row, BasicTestInstance) and row.status is TestInstanceStatus.COMPLETE
    assert isinstance(whole, DetailedTestInstance) and not isinstance(whole.result, bool)
    assert whole.result.scoreboard.no_of_questions > 0
    search = MetaSearch(kind=MetaSearchKind.META)
    run = good(search_test_instances.sync(task, client=client, body=search, limit=1))
    assert run.test_instances == [row] and run.pagination.next_ is None
    rest = good(search_test_instances.sync(task, client=client, body=search, last_doc_id=instance))
    assert rest.test_instances == []
    assert good(fetch_test_instance.sync(task, instance, client=client)) == row
    keywords = [ExpandRequestExpandItem.TEST, ExpandRequestExpandItem.CREDITCOST, ExpandRequestExpandItem.IDENTITYPHOTO]
    expanded = good(expand_test_instance.sync(task, instance, client=client, body=ExpandRequest(expand=keywords)))
    assert expanded.credit_cost == 0 and expanded.result == whole.result
    answers = good(list_test_instance_answers.sync(task, instance, client=client))
    effective = [answer for answer in answers.answers if answer.effective]
    assert len(effective) == whole.result.scoreboard.no_of_questions
    assert good(list_proctoring_evidences.sync(task, instance, client=client)).proctoring_evidences == []
    feed = good(list_test_instance_changes.sync(task, client=client))
    assert not feed.has_more and feed.changes[-1].test_instance == row
    after = good(list_test_instance_changes.sync(task, client=client, since=feed.cursor))
    assert after.changes == [] and after.cursor == feed.cursor
    lines = export_test_instances.sync_detailed(task, client=client).content.decode().splitlines()
    assert json.loads(lines[0]) == row.to_dict() and json.loads(lines[-1])["count"] == 1


main()
