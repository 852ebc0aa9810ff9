"""Every model says who may see its rows, and every foreign key to a person or a firm says what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from wutong.web.lib import hooks


def ours() -> list[type[models.Model]]:
    """Models of the rooms; tables that Django makes for a many-to-many are not written by hand."""
    return [model for model in apps.get_models() if model.__module__.startswith("wutong.")]


def without_visible_to(found: Iterable[type[models.Model]]) -> list[str]:
    return [model._meta.label for model in found if not callable(getattr(model._default_manager.all(), "visible_to", None))]


def keys_to_people_and_firms(found: Iterable[type[models.Model]]) -> set[tuple[str, str]]:
    """(model, field); a room's keys to its own firms need no hook, for the room repoints them itself."""
    people = settings.AUTH_USER_MODEL.lower()
    keys = [(model, field) for model in found for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]
    return {
        (model._meta.label_lower, field.name)
        for model, field in keys
        for to in [field.remote_field.model._meta.label_lower]
        if to == people or (to == "firms.firm" and model._meta.app_label != "firms")
    }


def keys_to_units(found: Iterable[type[models.Model]]) -> set[tuple[str, str]]:
    """(model, field) of every foreign key to a unit."""
    keys = [(model, field) for model in found for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]
    return {(model._meta.label_lower, field.name) for model, field in keys if field.remote_field.model._meta.label == "accounts.Unit"}


def test_every_key_to_a_unit_says_what_becomes_of_it_when_the_unit_is_merged() -> None:
    known = {(entry.model.lower(), entry.field) for entry in hooks.collect("UNIT_OWNED")}
    assert keys_to_units(ours()) and keys_to_units(ours()) == known


def hooked() -> set[tuple[str, str]]:
    """(model, field) of what the rooms' hooks name, whichever of the lists names it."""
    entries = [*hooks.collect("OWNED"), *hooks.collect("MERGE")]
    return {(entry.model.lower(), entry.field) for entry in entries}


def test_there_are_models_to_look_at() -> None:
    assert {"accounts.User"} <= {model._meta.label for model in ours()}


def test_every_query_set_knows_who_may_see_its_rows() -> None:
    assert without_visible_to(ours()) == []


def test_every_key_to_a_person_or_firm_stands_in_a_hooks_file() -> None:
    assert keys_to_people_and_firms(ours()) - hooked() == set()


def test_no_hook_names_a_field_that_is_gone() -> None:
    fields = {(model._meta.label_lower, field.name) for model in apps.get_models() for field in model._meta.get_fields()}
    assert hooked() - fields == set()


def test_a_model_without_visible_to_would_be_found() -> None:
    from django.contrib.sessions.models import Session

    assert without_visible_to([Session]) == ["sessions.Session"]


def test_a_key_to_a_person_that_no_hook_names_would_be_found() -> None:
    planted = type(
        "Planted",
        (models.Model,),
        {
            "__module__": "wutong.web.audit.models",
            "keeper": models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
            "Meta": type("Meta", (), {"app_label": "audit", "managed": False}),
        },
    )
    try:
        assert keys_to_people_and_firms([planted]) - hooked() == {("audit.planted", "keeper")}
    finally:
        apps.all_models["audit"].pop("planted")
        apps.clear_cache()


@pytest.mark.parametrize("room", ["portal", "cockpit", "lib"])
def test_rooms_without_models_have_none(room: str) -> None:
    assert [model._meta.label for model in ours() if model.__module__.startswith(f"wutong.web.{room}")] == []
