"""Files of projects by API: texts and papers of agreements, proofs, to whom the pages give them too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from web.projects.test_file_uses import contract, money, paper
from wutong.web.audit.models import Entry
from wutong.web.journal.actions import files
from wutong.web.journal.queries import files as kept
from wutong.web.projects.actions import evidence, funds
from wutong.web.projects.models import Project

AT = factories.AT
DAY = AT.date()


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_files_of_a_project_say_of_what_each_is_the_paper(client: Client, cast: Cast) -> None:
    project = factories.funded_project(cast.park_officer)
    Project.objects.filter(pk=project.pk).update(stage="appraisal")  # a contract is signed from here on
    made, (text, opinion, minutes) = contract(project)
    proof, slip, later, beside = paper(project), paper(project), paper(project), paper(project)
    handed = evidence.hand_in(project=project, kind="proposal", attachment=proof, by=cast.park_officer, at=AT)
    entry = money(project, slip)
    funds.attach(entry=entry, attachment=later, by=cast.park_officer, at=AT)
    factories.log_in(client, cast.park_officer)
    rows = client.get(f"/api/projects/{project.public_id}/files").json()
    told = {one["public_id"]: {(use["what"], use["of"]) for use in one["uses"]} for one in rows}
    assert len(told) == 7
    assert ("text", str(made.public_id)) in told[str(text.public_id)]
    assert ("opinion", str(made.public_id)) in told[str(opinion.public_id)]
    assert ("minutes", str(made.public_id)) in told[str(minutes.public_id)]
    assert told[str(proof.public_id)] == {("evidence", str(handed.public_id))}
    assert told[str(slip.public_id)] == told[str(later.public_id)] == {("money", str(entry.public_id))}
    assert told[str(beside.public_id)] == set()


def test_a_file_comes_as_it_was_given_and_no_browser_runs_it(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    file = factories.attachment(project, cast.park_officer, name="回单.txt", content="银行回单".encode())
    factories.log_in(client, cast.park_officer)
    answer = client.get(f"/api/projects/files/{file.public_id}")
    assert (answer.status_code, body(answer)) == (200, "银行回单".encode())
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_that_a_sensitive_file_was_handed_out_is_written_down(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    file = factories.attachment(project, cast.park_officer, is_sensitive=True)
    factories.log_in(client, cast.park_officer)
    assert body(client.get(f"/api/projects/files/{file.public_id}"))
    assert Entry.objects.filter(action="journal.download", object_id=str(file.public_id)).count() == 1


def test_who_may_not_see_the_project_gets_no_file_of_it(client: Client, cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    file = paper(project)
    for user in (cast.other_officer, cast.other_leader):
        factories.log_in(client, user)
        assert client.get(f"/api/projects/files/{file.public_id}").status_code == 404
        assert client.get(f"/api/projects/{project.public_id}/files").status_code == 404
    Project.objects.filter(pk=project.pk).update(is_confidential=True, code_name="梧桐一号")
    factories.log_in(client, cast.bureau_leader)
    assert client.get(f"/api/projects/files/{file.public_id}").status_code == 404


def test_a_file_of_another_kind_of_record_is_not_given_here(client: Client, cast: Cast) -> None:
    file = factories.attachment(factories.target_list(cast.bureau_officer), cast.bureau_officer)
    factories.log_in(client, cast.bureau_officer)
    assert body(client.get(f"/journal/files/{file.public_id}/"))
    assert client.get(f"/api/projects/files/{file.public_id}").status_code == 404


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_file_that_was_deleted_or_is_gone_is_not_given(client: Client, cast: Cast, is_deleted: bool) -> None:
    project = factories.project(cast.park_officer)
    file = paper(project)
    if is_deleted:
        files.hide(attachment=file, reason="传错", by=cast.park_officer, at=AT)
    else:
        kept.path_of(file.stored).unlink()
    factories.log_in(client, cast.park_officer)
    assert client.get(f"/api/projects/files/{file.public_id}").status_code == 404
    assert (client.get(f"/api/projects/{project.public_id}/files").json() == []) is is_deleted


def test_the_unit_that_is_asked_for_an_opinion_gets_the_text_and_no_other_file(client: Client, cast: Cast) -> None:
    from web.projects.test_opinions_asked import asked
    from web.projects.test_opinions_asked import contract as reviewed

    made = reviewed(cast)
    ask = asked(made, cast)
    text = made.version().attachment
    factories.log_in(client, cast.department_officer)
    answer = client.get(f"/api/projects/opinions/{ask.public_id}/text")
    assert answer.status_code == 200 and body(answer) == kept.path_of(text.stored).read_bytes()
    assert body(client.get(f"/api/projects/opinions/{ask.public_id}/text?number=1"))
    assert client.get(f"/api/projects/opinions/{ask.public_id}/text?number=9").status_code == 404
    assert client.get(f"/api/projects/files/{text.public_id}").status_code == 404
    factories.log_in(client, cast.other_officer)
    assert client.get(f"/api/projects/opinions/{ask.public_id}/text").status_code == 404
