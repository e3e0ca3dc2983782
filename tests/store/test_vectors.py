"""Vectors of signed studies: kept, replaced, never of another space or of what is off the list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.store.repository import Repository

VECTOR = np.array([0.6, 0.8, 0, 0], np.float32)


def test_only_signed_studies_on_the_list_are_cases(repository: Repository, make: Any) -> None:
    repository.remember_studies([make.record("signed"), make.record("draft"), make.record("off")])
    repository.save_revision("draft", "Clear.", (), "Anna", "draft")
    for study_id in ("signed", "off"):
        repository.save_revision(study_id, "Effusion.", (), "Anna", "signed")
    repository.hide_study("off", "Anna")
    [case] = repository.signed_cases("space")
    assert (case.study_id, case.text, case.author) == ("signed", "Effusion.", "Anna")
    assert case.vector is None


def test_the_newest_signed_text_is_shown_also_while_it_is_amended(repository: Repository) -> None:
    for text, kind in (("One.", "signed"), ("Two.", "amended"), ("Thr", "draft")):
        repository.save_revision("1.2.3", text, (), "Anna", kind)
    [case] = repository.signed_cases("space")
    assert case.text == "Two."


def test_a_vector_is_kept_to_float16_and_replaced(repository: Repository) -> None:
    repository.save_revision("1.2.3", "Effusion.", (), "Anna", "signed")
    repository.save_vector("1.2.3", "image", "space", -VECTOR)
    repository.save_vector("1.2.3", "image", "space", VECTOR)
    [case] = repository.signed_cases("space")
    assert case.vector is not None
    assert case.vector.dtype == np.float32
    np.testing.assert_allclose(case.vector, VECTOR, atol=5e-4)


def test_a_vector_of_another_space_does_not_count(repository: Repository) -> None:
    repository.save_revision("1.2.3", "Effusion.", (), "Anna", "signed")
    repository.save_vector("1.2.3", "image", "old", VECTOR)
    assert repository.signed_cases("new")[0].vector is None
    assert repository.forget_vectors("new") == 1
    assert repository.forget_vectors("new") == 0
    assert repository.signed_cases("old")[0].vector is None


def test_a_vector_needs_its_study(repository: Repository) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"):
        repository.save_vector("unknown", "image", "space", VECTOR)
