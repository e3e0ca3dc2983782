"""Signed reports, and who had the study before them."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from app.store.repository import Repository


def test_the_newest_signed_state_counts_and_a_later_draft_does_not(
    repository: Repository,
) -> None:
    repository.save_revision("1.2.3", "Clear.", (), "Anna", "draft")
    assert repository.signed_studies() == []
    repository.save_revision("1.2.3", "Clear lungs.", (), "Anna", "signed")
    repository.save_revision("1.2.3", "Clear lungs. Old scar.", (), "Ben", "amended")
    repository.save_revision("1.2.3", "Clear lungs. Old", (), "Ben", "draft")
    [study] = repository.signed_studies()
    assert study.report.text == "Clear lungs. Old scar."
    assert study.report.author == "Ben"
    assert study.study.study_id == "1.2.3"
    assert not study.drafted_before


def test_everybody_who_opened_wrote_measured_or_rated_is_named(
    repository: Repository, make: Any
) -> None:
    number = repository.save_analysis("1.2.3", make.analysis())
    repository.save_revision("1.2.3", "Clear.", (), "Anna", "signed")
    repository.save_rating(make.rating(number, rater="Ben"))
    repository.save_measurement(make.measurement(author="Cleo"))
    repository.note_opening("1.2.3", "Dora")
    [study] = repository.signed_studies()
    assert study.people == ("Anna", "Ben", "Cleo", "Dora")  # and no model


def test_opening_is_noted_once_per_person(repository: Repository) -> None:
    for who in ("Anna", "Anna", "Ben"):
        repository.note_opening("1.2.3", who)
    noted = [(one.action, one.who) for one in repository.history("1.2.3")]
    assert noted == [("opened", "Anna"), ("opened", "Ben")]


def test_drafts_before_the_signature_are_told(repository: Repository, make: Any) -> None:
    repository.save_revision("1.2.3", "Clear.", (), "Anna", "signed")
    [signed] = repository.signed_studies()
    before = dataclasses.replace(make.analysis(), created=signed.report.at - timedelta(minutes=1))
    after = dataclasses.replace(make.analysis(), created=signed.report.at + timedelta(minutes=1))
    repository.save_analysis("1.2.3", after)
    assert not repository.signed_studies()[0].drafted_before
    repository.save_analysis("1.2.3", before)
    assert repository.signed_studies()[0].drafted_before


def test_a_study_off_the_list_is_left_out(repository: Repository) -> None:
    repository.save_revision("1.2.3", "Clear.", (), "Anna", "signed")
    repository.hide_study("1.2.3", "Anna")
    assert repository.signed_studies() == []
