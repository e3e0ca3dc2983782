"""A reader's way: order, resume, going back, what is kept, and which seconds count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import StoreError, UsageError
from app.imaging.measuring.measurement import Kind, measured
from app.reading.events import Event, by_item, scores
from app.reading.item import Item
from app.reading.protocol import Protocol, Question
from app.reading.session import Session

PROTOCOL = Protocol(
    name="test",
    design="unpaired",
    seed=1,
    margin=0.5,
    readers=("R1",),
    per_arm=2,
    idle_after=30.0,
    questions=(
        Question("acceptable", "Acceptable?", ("yes", "no"), required=True),
        Question("why", "Why?"),
    ),
)
ORDER = (
    Item("TTTT", "TTTT.dcm", "Training.", training=True),
    Item("AAAA", "AAAA.dcm", "Heart normal."),
    Item("BBBB", "BBBB.dcm", "Effusion on the right."),
)


class Desk:
    """A reader at a computer: a clock that the test moves, and a disk that may be full."""

    def __init__(self, protocol: Protocol = PROTOCOL) -> None:
        self.protocol = protocol
        self.seconds = 100.0
        self.calendar = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
        self.kept: list[Event] = []
        self.full = False
        self.second_from = 0

    def append(self, event: Event) -> None:
        if self.full:
            raise StoreError("The disk is full.")
        self.kept.append(event)

    def sit_down(self) -> Session:
        session = Session(
            self.protocol,
            ORDER,
            self.kept,
            self.append,
            now=lambda: self.calendar,
            clock=lambda: self.seconds,
            second_from=self.second_from,
        )
        if session.waits_until is None:
            session.shown()
        return session

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.calendar += timedelta(seconds=seconds)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def settle(session: Session, score: int) -> None:
    session.shown()
    session.give_score(score)
    session.answer("acceptable", "yes")
    session.submit()


def test_training_comes_first_and_is_counted_apart(desk: Desk) -> None:
    session = desk.sit_down()
    assert (session.item, session.position) == (ORDER[0], (1, 1))
    settle(session, 3)
    assert (session.item, session.position) == (ORDER[1], (1, 2))
    settle(session, 4)
    settle(session, 5)
    assert session.finished
    found = scores("R1", ORDER, desk.kept, 30.0)
    assert [(one.item, one.score, one.training) for one in found] == [
        ("TTTT", 3, True),
        ("AAAA", 4, False),
        ("BBBB", 5, False),
    ]


def test_nothing_is_submitted_before_all_that_is_required_is_answered(desk: Desk) -> None:
    session = desk.sit_down()
    assert session.missing == ("score", "acceptable")
    session.give_score(2)
    with pytest.raises(ValueError, match="required"):
        session.submit()
    session.answer("acceptable", "no")
    assert session.missing == ()
    session.answer("acceptable", "")
    assert session.missing == ("acceptable",)


def test_a_killed_program_goes_on_in_mid_case(desk: Desk) -> None:
    session = desk.sit_down()
    settle(session, 3)
    session.shown()
    session.give_score(4)
    session.comment("rib not named")
    del session  # killed: nothing more is said
    desk.wait(3600)
    again = desk.sit_down()
    assert again.item == ORDER[1]
    assert (again.answers.score, again.answers.comment) == (4, "rib not named")
    assert again.missing == ("acceptable",)


def test_the_first_score_and_every_change_are_kept(desk: Desk) -> None:
    session = desk.sit_down()
    for score in (2, 2, 5, 4):
        session.give_score(score)
    session.answer("acceptable", "yes")
    session.submit()
    (found,) = scores("R1", ORDER, desk.kept, 30.0)
    assert (found.first_score, found.score, found.changes) == (2, 4, 2)


def test_idle_paused_and_absent_time_is_taken_out(desk: Desk) -> None:
    session = desk.sit_down()
    desk.wait(8)
    session.touched()  # first input after 8 s
    desk.wait(50)  # 30 of them active, 20 idle
    session.give_score(4)
    session.pause()
    desk.wait(600)
    session.resume()
    desk.wait(5)
    session.leave()
    desk.wait(86_400)  # went home
    session = desk.sit_down()
    desk.wait(2)
    session.answer("acceptable", "yes")
    session.submit()
    (found,) = scores("R1", ORDER, desk.kept, 30.0)
    assert found.seconds_to_first == pytest.approx(8)
    assert found.seconds_active == pytest.approx(8 + 30 + 5 + 2)
    assert found.paused == pytest.approx(20 + 600)


def test_a_clock_that_is_set_back_changes_no_duration(desk: Desk) -> None:
    session = desk.sit_down()
    desk.wait(10)
    session.give_score(4)
    desk.calendar -= timedelta(hours=2)
    desk.wait(10)
    session.answer("acceptable", "yes")
    session.submit()
    assert session.clock_set_back == pytest.approx(7190)
    (found,) = scores("R1", ORDER, desk.kept, 30.0)
    assert found.seconds_active == pytest.approx(20)


def test_going_back_only_where_the_protocol_allows_and_never_into_training(desk: Desk) -> None:
    session = desk.sit_down()
    settle(session, 3)
    settle(session, 4)
    assert not session.can_go_back
    with pytest.raises(ValueError, match="not allow"):
        session.back()

    free = Desk(replace(PROTOCOL, going_back=True))
    session = free.sit_down()
    settle(session, 3)
    session.shown()
    assert not session.can_go_back
    settle(session, 4)
    session.shown()
    session.back()
    session.shown()
    assert (session.item, session.answers.score) == (ORDER[1], 4)
    session.give_score(1)
    counted = {one.item: one.score for one in scores("R1", ORDER, free.kept, 30.0)}
    assert counted["AAAA"] == 4  # until it is submitted again
    session.submit()
    assert session.item == ORDER[2]
    counted = {one.item: one.score for one in scores("R1", ORDER, free.kept, 30.0)}
    assert counted["AAAA"] == 1


PAIRED = replace(PROTOCOL, design="paired", washout_days=28, going_back=True)


def paired_desk() -> Desk:
    """A training item, then one before and one after the washout."""
    desk = Desk(PAIRED)
    desk.second_from = 3
    return desk


def test_the_second_period_waits_for_the_washout_since_the_last_event_of_the_first() -> None:
    desk = paired_desk()
    session = desk.sit_down()
    settle(session, 3)
    assert session.waits_until is None
    desk.wait(60)
    settle(session, 4)
    opens = desk.calendar + timedelta(days=28)
    assert (session.item, session.waits_until) == (ORDER[2], opens)
    with pytest.raises(ValueError, match="washout"):
        session.shown()
    desk.wait(28 * 86_400 - 1)
    assert desk.sit_down().waits_until == opens
    desk.wait(1)
    session = desk.sit_down()
    assert session.waits_until is None
    settle(session, 5)
    assert session.finished


def test_before_the_washout_is_over_one_can_go_back_and_then_no_more() -> None:
    desk = paired_desk()
    session = desk.sit_down()
    settle(session, 3)
    settle(session, 4)
    desk.wait(86_400)
    session.back()
    settle(session, 2)
    assert session.waits_until == desk.calendar + timedelta(days=28)
    desk.wait(28 * 86_400)
    session = desk.sit_down()
    assert session.item == ORDER[2]
    assert not session.can_go_back


def test_a_clock_that_is_set_back_shortens_no_washout_and_stops_no_second_period() -> None:
    desk = paired_desk()
    session = desk.sit_down()
    settle(session, 3)
    desk.wait(10)
    session.shown()
    opens = desk.calendar + timedelta(days=28)
    desk.calendar -= timedelta(days=5)
    session.give_score(4)
    session.answer("acceptable", "yes")
    session.submit()
    assert session.waits_until == opens
    desk.wait(33 * 86_400)
    session = desk.sit_down()
    session.give_score(2)
    desk.calendar -= timedelta(days=20)
    session = desk.sit_down()
    assert (session.waits_until, session.answers.score) == (None, 2)


def test_a_full_disk_keeps_the_answers_and_submits_nothing(desk: Desk) -> None:
    session = desk.sit_down()
    desk.full = True
    with pytest.raises(StoreError):
        session.give_score(4)
    with pytest.raises(StoreError):
        session.answer("acceptable", "yes")
    assert (session.answers.score, session.missing) == (4, ())
    with pytest.raises(StoreError):
        session.submit()
    assert session.item == ORDER[0]
    assert not by_item(desk.kept)["TTTT"].submitted
    desk.full = False
    session.submit()
    assert session.unsaved == ()
    assert [one.score for one in scores("R1", ORDER, desk.kept, 30.0)] == [4]


def test_a_refused_back_changes_nothing_and_its_item_goes_on_counting() -> None:
    desk = Desk(replace(PROTOCOL, going_back=True))
    session = desk.sit_down()
    settle(session, 3)
    settle(session, 4)
    session.shown()
    desk.wait(5)
    desk.full = True
    with pytest.raises(StoreError):
        session.back()
    assert (session.item, session.wanted) == (ORDER[2], "back")
    desk.wait(7)
    with pytest.raises(StoreError):
        session.give_score(2)
    assert session.wanted == ""  # they went on reading
    desk.full = False
    session.again()
    assert session.item == ORDER[2]
    session.answer("acceptable", "no")
    session.submit()
    assert by_item(desk.kept)["BBBB"].times(30.0).active == pytest.approx(12)


def test_a_refused_next_is_repeated_with_the_time_at_which_it_was_wanted(desk: Desk) -> None:
    session = desk.sit_down()
    session.give_score(4)
    session.answer("acceptable", "yes")
    desk.wait(6)
    desk.full = True
    with pytest.raises(StoreError):
        session.submit()
    assert session.wanted == "next"
    for _ in range(3):
        desk.wait(3)
        with pytest.raises(StoreError):
            session.again()
    desk.full = False
    session.again()
    assert (session.item, session.wanted) == (ORDER[1], "")
    assert by_item(desk.kept)["TTTT"].times(30.0).active == pytest.approx(6)


def test_reading_on_after_a_refused_next_counts(desk: Desk) -> None:
    session = desk.sit_down()
    session.give_score(4)
    session.answer("acceptable", "yes")
    desk.full = True
    with pytest.raises(StoreError):
        session.submit()
    desk.wait(6)
    with pytest.raises(StoreError):
        session.touched()
    desk.wait(2)
    desk.full = False
    session.again()
    assert session.item == ORDER[1]
    assert by_item(desk.kept)["TTTT"].times(30.0).active == pytest.approx(8)


def test_a_refused_leaving_is_no_wish_to_go_back() -> None:
    desk = Desk(replace(PROTOCOL, going_back=True))
    session = desk.sit_down()
    settle(session, 3)
    settle(session, 4)
    session.shown()
    desk.full = True
    with pytest.raises(StoreError):
        session.leave()
    desk.full = False
    session.again()
    assert session.item == ORDER[2]
    session.give_score(5)
    assert session.answers.score == 5


def test_marks_come_back_as_they_last_stood_and_count_as_input(desk: Desk) -> None:
    session = desk.sit_down()
    arrow = measured(Kind.ARROW, [(1, 2.5), (3, 4)], "心 here")
    length = measured(Kind.LENGTH, [(0, 0), (5, 5)])
    desk.wait(4)
    session.mark(arrow)
    session.mark(length)
    session.mark(arrow.moved(1, 1))
    session.mark(length, deleted=True)
    session = desk.sit_down()
    assert session.marks == (arrow.moved(1, 1),)
    desk.kept.append(replace(desk.kept[-1], kind="mark", key="x", value='{"uid": 3}'))
    assert desk.sit_down().marks == (arrow.moved(1, 1),)
    assert by_item(desk.kept)["TTTT"].times(30.0).to_first == pytest.approx(4)
    session.give_score(3)
    session.answer("acceptable", "yes")
    session.submit()
    session.shown()
    assert session.marks == ()


def test_half_a_character_of_an_editor_is_kept_as_one_that_can_be_written(desk: Desk) -> None:
    session = desk.sit_down()
    session.comment("\ud83d rib")
    session.answer("why", "\udc00")
    assert [event.value for event in desk.kept if event.value] == ["\ufffd rib", "\ufffd"]


def test_moving_the_image_is_kept_only_now_and_then(desk: Desk) -> None:
    session = desk.sit_down()
    for _ in range(100):
        desk.wait(0.1)
        session.touched()
    assert 2 <= sum(event.kind == "input" for event in desk.kept) <= 4


def test_nothing_is_answered_while_paused(desk: Desk) -> None:
    session = desk.sit_down()
    session.pause()
    with pytest.raises(ValueError, match="not shown"):
        session.give_score(3)


def test_a_reader_without_items_is_told(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no items"):
        Session(PROTOCOL, (), (), desk.append)
