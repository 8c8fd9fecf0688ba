"""A browser, and the page in it, served by a server that counts what is asked of it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import threading
from collections.abc import Callable, Generator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from bnproof.teach.explorable import explorable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}

text = cache(explorable)


def chromium() -> str:
    """The path of Debian's chromium. Where it or playwright is missing the test is skipped, or fails if CI is set and not empty."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if importlib.util.find_spec("playwright") is None:
        reason = "playwright is not installed: pip install -e '.[test]'"
    elif path is None:
        reason = "no chromium on the path: apt-get install chromium"
    else:
        return path
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


class Served:
    """A page on a local server: its address, and the paths that were asked for."""

    def __init__(self, page: str) -> None:
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                body = page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Visit:
    """A text opened as a page, with what went wrong on it: anything logged, thrown, or asked for but the file itself, once."""

    def __init__(self, browser: Browser, text: str, **options: Any) -> None:
        self.served = Served(text)
        chosen: dict[str, Any] = {**DESKTOP, "reduced_motion": "reduce", **options}
        self.page = browser.new_page(**chosen)
        self.page.set_default_timeout(10_000)
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"console {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error {error}"))
        self.page.on("request", self._note)
        self.page.goto(self.served.address)

    def _note(self, request: Any) -> None:
        if request.url != self.served.address:
            self.said.append(f"request {request.url}")

    def close(self) -> list[str]:
        """Ends the visit and says what went wrong."""
        self.page.close()
        self.served.close()
        return self.said + [f"asked {path}" for path in self.served.asked[1:]] + ["never asked"] * (not self.served.asked)


Opened = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser) -> Generator[Opened]:
    """Opens the explorable (or another text), and asserts in the end that nothing went wrong on it.

    Keyword arguments go to the browser's page: a phone, dark mode, no JavaScript.
    """
    visits: list[Visit] = []

    def opened(page_text: str | None = None, **options: Any) -> Page:
        visits.append(Visit(browser, text() if page_text is None else page_text, **options))
        return visits[-1].page

    yield opened
    assert [fault for visit in visits for fault in visit.close()] == []


@pytest.fixture
def playing(open_page: Opened) -> Callable[..., Page]:
    """Opens the page with every question answered, so that nothing is hidden."""

    def opened(**options: Any) -> Page:
        page = open_page(**options)
        for _ in range(4):
            page.click("#skip")
            page.click("#next")
        return page

    return opened
