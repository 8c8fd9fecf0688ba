"""A framework that is not installed is a reason to skip, and in CI to fail."""

from __future__ import annotations

import pytest

from tests.frameworks.available import framework

MISSING = "a_framework_that_nobody_has"


def test_what_is_installed_is_returned() -> None:
    assert framework("json").dumps([1]) == "[1]"


def test_what_is_not_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        monkeypatch.delenv("CI", raising=False) if value is None else monkeypatch.setenv("CI", value)
        with pytest.raises(pytest.skip.Exception, match=f"{MISSING} is not installed: make test-frameworks"):
            framework(MISSING)


def test_what_is_not_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(ModuleNotFoundError, match=f"{MISSING} is not installed"):
        framework(MISSING)
