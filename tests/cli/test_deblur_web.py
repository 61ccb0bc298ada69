"""``restorekit deblur --web`` without its page: what it refuses, and what it says without its extra."""

import sys
from functools import partial

import pytest


@pytest.fixture
def deblur(run_cli):
    """Run the command in an empty folder; gives (status, stdout, stderr)."""
    return partial(run_cli, "deblur")


@pytest.mark.parametrize(
    "other", [["a.png"], ["-o", "out"], ["--json"], ["--compare"], ["-r"], ["--kernels", "k"]]
)
def test_what_is_about_files_does_not_go_with_the_page(deblur, other):
    status, out, err = deblur("--web", *other)
    assert (status, out) == (2, "")
    assert err.startswith("error: --web takes no PATH") and err.count("\n") == 1


def test_what_is_about_clips_does_not_go_with_the_page(deblur):
    status, out, err = deblur("--web", "--from", "2")
    assert (status, out) == (2, "")
    assert err.startswith("error: --web takes no options for clips; ") and err.count("\n") == 1


def test_neither_a_picture_nor_the_page(deblur):
    status, out, err = deblur()
    assert (status, out) == (2, "")
    assert err == "error: no PATH is given; name pictures or folders, or give --web for a page\n"


def test_without_its_packages_the_extra_is_named(deblur, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    status, out, err = deblur("--web")
    assert (status, out) == (2, "")
    assert err == "error: the page needs an extra; pip install 'restorekit[demo]'\n"


@pytest.mark.parametrize("port", ["abc", "-1", "0", "65536", "9" * 5000, "\u0661"])
def test_a_port_that_is_none_is_an_error_and_no_other_is_taken(deblur, monkeypatch, port):
    monkeypatch.setenv("RESTOREKIT_WEB_PORT", port)
    monkeypatch.setattr("socket.socket.listen", lambda *given: pytest.fail("it listens"))
    status, out, err = deblur("--web")
    assert (status, out) == (2, "")
    assert f"error: RESTOREKIT_WEB_PORT={port[:20]}" in err and "is not a port; give a number" in err


def test_an_unknown_model_is_an_error_before_the_page(deblur, monkeypatch):
    status, out, err = deblur("--web", "--model", "nosuch")
    assert (status, out) == (2, "")
    assert err.startswith("error: no model 'nosuch'") and err.count("\n") == 1
