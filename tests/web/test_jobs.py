"""Long work of one visitor, without a page."""

import threading

from baycase.web.jobs import TICK_S, CancelledError, Jobs


def test_a_job_is_shown_at_once_and_when_it_has_finished():
    asked = threading.Event()

    def work(progress):
        progress("read", 1, 2)
        assert asked.wait(60)
        return "done"

    seen = Jobs().run("one", work)
    job = next(seen)
    assert not job.finished.is_set() and job.seconds < TICK_S
    asked.set()
    assert [each.result for each in seen][-1] == "done"


def test_a_cancelled_job_ends_at_its_next_step():
    jobs, asked = Jobs(), threading.Event()

    def work(progress):
        assert asked.wait(60)
        progress("read", 1, 2)
        raise AssertionError("the step after a cancel raises")

    seen = jobs.run("one", work)
    next(seen)
    assert jobs.cancel("one") and not jobs.cancel("another")
    asked.set()
    *_, job = seen
    assert isinstance(job.error, CancelledError)


def test_a_second_job_of_a_session_cancels_the_first():
    jobs, asked = Jobs(), threading.Event()
    first = jobs.run("one", lambda progress: asked.wait(60))
    before = next(first)
    second = jobs.run("one", lambda progress: "second")
    next(second)
    assert before.cancelled.is_set()
    asked.set()
    assert [each.result for each in second][-1] == "second"
    list(first)
