"""The shipped cases, read once, and texts to draw from."""

import pytest
from baycase.corpus.reader import read_shipped
from baycase.corpus.records import Document
from hypothesis import settings

settings.register_profile("corpus", deadline=None, max_examples=80)
settings.load_profile("corpus")


@pytest.fixture(scope="session")
def shipped() -> list[Document]:
    return list(read_shipped())
