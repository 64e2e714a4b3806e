"""Nothing that is read from a file can run as code: no module loads a pickle, in whatever disguise."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNSAFE = re.compile(
    r"\b(?:import|from)\s+(?:pickle|cPickle|_pickle|dill|cloudpickle|joblib|shelve|marshal|jsonpickle)\b"
    r"|allow_pickle\s*=\s*True|torch\.load\((?!.*weights_only=True)|yaml\.load\(|(?<!\.)\beval\(|\bexec\("
)


def modules():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    for package in packages:
        yield from (ROOT / package.replace("baycase", ".", 1).replace(".", "/").lstrip("/")).glob("*.py")


def test_the_search_finds_what_it_looks_for():
    for line in ("import pickle", "from joblib import load", "np.load(x, allow_pickle=True)", "torch.load(path)"):
        assert UNSAFE.search(line)
    assert not UNSAFE.search("np.load(path, allow_pickle=False)")
    assert not UNSAFE.search("model.eval()\n")
    assert not UNSAFE.search("torch.load(path, weights_only=True)")
    assert len(list(modules())) > 40


def test_no_module_loads_a_pickle():
    found = {}
    for path in modules():
        if match := UNSAFE.search(path.read_text()):
            found[str(path.relative_to(ROOT))] = match.group()
    assert found == {}


def test_numpy_is_told_each_time():
    """NumPy's default is no pickle; the word in each call keeps it so whatever the default becomes."""
    for path in modules():
        for call in re.findall(r"\bnp\.(?:load|save)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", path.read_text()):
            assert "allow_pickle=False" in call, f"{path}: {call}"


@pytest.mark.parametrize("name", ["passages.npy", "terms"])
def test_the_libraries_below_refuse_a_pickle(tmp_path, name):
    import numpy as np

    from baycase.index.lexical import TermIndex

    TermIndex.build([["a", "b"], ["b"]]).save(tmp_path / "terms")
    data = np.array([{"a": 1}], object)
    if name == "terms":
        np.save(tmp_path / "terms" / "scores.npy", data, allow_pickle=True)
        with pytest.raises(ValueError, match=r"allow_pickle|Python objects"):
            TermIndex.open(tmp_path / "terms", 2)
    else:
        np.save(tmp_path / name, data, allow_pickle=True)
        with pytest.raises(ValueError, match=r"allow_pickle|Python objects"):
            np.load(tmp_path / name, mmap_mode="r", allow_pickle=False)
