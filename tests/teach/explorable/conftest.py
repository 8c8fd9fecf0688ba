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


Opened = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser) -> Generator[Opened]:
    """Opens the explorable (or another text) and afterwards asserts that nothing was logged, thrown, or asked of the server but once.

    Keyword arguments go to the browser's page: a phone, dark mode, no JavaScript.
    """
    closing: list[tuple[Any, Served, list[str]]] = []

    def opened(page_text: str | None = None, **options: Any) -> Page:
        served = Served(text() if page_text is None else page_text)
        chosen: dict[str, Any] = {**DESKTOP, "reduced_motion": "reduce", **options}
        page = browser.new_page(**chosen)
        page.set_default_timeout(10_000)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: None if request.url == served.address else said.append(f"request {request.url}"))
        page.goto(served.address)
        closing.append((page, served, said))
        return page

    yield opened
    for page, served, said in closing:
        page.close()
        served.close()
        assert said == []
        assert served.asked == ["/"]


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
