"""The tests' own eyes: a page at fault is noticed, and a missing browser is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import Visit, chromium, text
from .test_hands import CUT_OFF

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<script>console.log('hello')</script>", "console hello"),
        ("<script>throw new Error('oh')</script>", "error oh"),
        ("<script>new Image().src = '/more.png'</script>", "asked /more.png"),
        ("<img src='http://127.0.0.1:9/other.png'>", "request http://127.0.0.1:9/other.png"),
    ],
)
def test_a_page_at_fault_is_noticed(browser: Browser, body: str, fault: str) -> None:
    visit = Visit(browser, f"<!DOCTYPE html><link rel=icon href=data:,><title>x</title>{body}")
    visit.page.wait_for_timeout(200)
    assert fault in visit.close()


def test_the_policy_keeps_a_foreign_script_and_its_request_out(browser: Browser) -> None:
    """What the page's own policy promises: an altered file does not run, and nothing is fetched."""
    visit = Visit(browser, text().replace("<footer>", "<footer><script>fetch('/secret')</script><img src='/more.png'>"))
    visit.page.wait_for_timeout(200)
    faults = visit.close()
    assert not any(fault.startswith("asked") for fault in faults)
    assert any("Content Security Policy" in fault for fault in faults)


def test_words_that_are_cut_off_are_noticed(browser: Browser) -> None:
    visit = Visit(browser, text())
    assert visit.page.evaluate(CUT_OFF) == []
    visit.page.evaluate("() => document.querySelector('#picture text').setAttribute('x', -20)")
    assert len(visit.page.evaluate(CUT_OFF)) == 1
    assert visit.close() == []


def test_a_missing_browser_is_a_skip_that_says_why_and_an_error_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no chromium on the path: apt-get install chromium"):
        chromium()
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="no chromium on the path: apt-get install chromium"):
        chromium()
