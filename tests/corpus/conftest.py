"""The shipped cases, read once, and texts to draw from."""

import pytest
from hypothesis import settings

from baycase.corpus.reader import read_shipped
from baycase.corpus.records import Document

settings.register_profile("corpus", deadline=None, max_examples=80)
settings.load_profile("corpus")


@pytest.fixture(scope="session")
def shipped() -> list[Document]:
    return list(read_shipped())
