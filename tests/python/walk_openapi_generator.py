"""Walks every endpoint of the integration API with the client that openapi-generator (python) made from the document.

Reads where the server is from standard input and prints `METHOD PATH STATUS` for each answer. Resources are read in both
modes: this generator tries the shapes of a union in turn.
"""

import json
import sys
from urllib.parse import urlsplit

import assay_generated as assay


class Telling(assay.ApiClient):
    """Says what was answered."""

    def call_api(self, method, url, *args, **options):
        answer = super().call_api(method, url, *args, **options)
        print(method, urlsplit(url).path, answer.status)
        return answer


def main():
    inputs = json.load(sys.stdin)
    client = Telling(assay.Configuration(host=inputs["url"], access_token=inputs["key"]))
    tasks, candidates = assay.TasksApi(client), assay.CandidatesApi(client)
    walk_tasks(tasks, inputs["taskId"])
    walk_users(assay.UsersApi(client), inputs["userId"])
    walk_candidates(candidates, inputs["taskId"])
    walk_instances(assay.TestInstancesApi(client), inputs["taskId"], inputs["instanceId"])


def walk_tasks(api, task):
    whole = api.fetch_task(task, mode="detailed").actual_instance
    assert isinstance(whole, assay.DetailedTask) and whole.task_id == task
    short = api.fetch_task(task).actual_instance
    assert isinstance(short, assay.BasicTask) and short.title == whole.title
    assert api.list_tasks(mode="detailed").tasks[0].actual_instance == whole
    assert api.search_tasks(assay.TaskSearch(title="walk")).tasks[0].actual_instance == short
    patch = assay.TaskPatch(fields=assay.TaskPatchFields(favorite=True, active_before=None))
    assert api.change_task(task, patch).favorite is True


def walk_users(api, user):
    whole = api.fetch_user(user, mode="detailed").actual_instance
    assert isinstance(whole, assay.DetailedUser) and whole.user_id == user
    assert api.list_users(mode="detailed").users[0].actual_instance == whole
    assert api.search_users(assay.UserSearch(active=True)).users[0].actual_instance.user_id == user


def walk_candidates(api, task):
    new = assay.TemporaryCandidate(kind="temporary-candidate", fullname="Ada", tags={"City": "Izmir"})
    made = api.create_candidate(task, assay.CreateCandidateRequest(new))
    whole = api.fetch_candidate(task, made.candidate_id, mode="detailed").actual_instance
    assert isinstance(whole, assay.DetailedCandidate) and whole.tags == {"City": "Izmir"}
    assert whole in [one.actual_instance for one in api.list_candidates(task, mode="detailed", limit=100).candidates]
    patch = assay.CandidatePatch(fields=assay.CandidatePatchFields(group="east"))
    assert api.change_candidate(task, made.candidate_id, patch).group == "east"
    api.delete_candidate(task, made.candidate_id)


def walk_instances(api, task, instance):
    for mode, shape in [("basic", assay.BasicTestInstance), ("detailed", assay.DetailedTestInstance)]:
        row = api.fetch_test_instance(task, instance, mode=mode).actual_instance
        assert isinstance(row, shape) and row.status == "COMPLETE"
        assert row.result.actual_instance.scoreboard.no_of_questions > 0 if mode == "detailed" else row.result
        listed = api.list_test_instances(task, mode=mode).test_instances
        assert row in [one.actual_instance for one in listed]
        search = assay.TestInstanceSearch(assay.MetaSearch(kind="meta", status="COMPLETE"))
        found = api.search_test_instances(task, search, mode=mode).test_instances
        assert row in [one.actual_instance for one in found]
        changes = api.list_test_instance_changes(task, mode=mode).changes
        assert row in [change.test_instance.actual_instance for change in changes]
        api.list_test_instance_answers(task, instance, mode=mode)
        api.list_proctoring_evidences(task, instance, mode=mode)
    expanded = api.expand_test_instance(task, instance, assay.ExpandRequest(expand=["test", "creditCost"]))
    assert expanded.credit_cost == 0 and expanded.test is not None
    # Lines of JSON are read line by line; what is generated for them takes one.
    lines = api.export_test_instances_without_preload_content(task).read().decode().splitlines()
    assert json.loads(lines[-1])["count"] == len(lines) - 1


main()
