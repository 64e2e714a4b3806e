"""Where BayCase keeps things on this machine: one folder for data, one for what can be made again."""

import os
from pathlib import Path

import platformdirs


def default_library() -> Path:
    """The library used when none is named: `BAYCASE_LIBRARY`, else the user's data folder."""
    named = os.environ.get("BAYCASE_LIBRARY")
    return Path(named) if named else Path(platformdirs.user_data_dir("baycase")) / "library"


def cache_folder() -> Path:
    """Unpacked models and libraries of test sets: `BAYCASE_CACHE`, else the user's cache folder."""
    named = os.environ.get("BAYCASE_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("baycase"))
