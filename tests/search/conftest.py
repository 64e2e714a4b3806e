"""A library of the sixteen cases with the real model, made once a session; and its hits."""

from pathlib import Path

import pytest

from baycase.index.build import open_writer
from baycase.index.encoder import open_encoder
from baycase.index.intake import take_in
from baycase.search.library import Library


@pytest.fixture(scope="session")
def cases_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "library"
    with open_writer(folder) as writer:
        take_in(writer, [], open_encoder())
    return folder


@pytest.fixture(scope="session")
def library(cases_folder) -> Library:
    return Library(cases_folder)
