"""Settings by name, the matrix's rows, and the baselines' arithmetic."""

from pathlib import Path

import pytest

from baycase.errors import UsageError
from baycase.eval.baselines import baselines, fused, txtai_rankings
from baycase.eval.experiment import Settings
from baycase.eval.matrix import known_legs, matrix_table, run_matrix, setting
from baycase.eval.testset import read_folder
from baycase.index.models import DEFAULT_MODEL
from baycase.search.library import Library


def test_settings_by_name() -> None:
    base = Settings(k=10)
    assert setting("default", base) == base
    assert setting("legs=dense+terms,no-read,k=20", base) == Settings(20, False, ("dense", "terms"))
    left = setting("-terms", base).legs
    assert left is not None and set(left) == set(known_legs()) - {"terms"}


@pytest.mark.parametrize("name", ["legs=nonsense", "-nonsense", "k=3", "what", "legs="])
def test_unknown_settings(name: str) -> None:
    with pytest.raises(UsageError, match=r"nonsense|no setting"):
        setting(name, Settings())


def test_matrix_runs_every_setting(folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baycase.eval.matrix.open_library", lambda *_: library)
    found = run_matrix(read_folder(folder), None, ["default", "legs=dense"], Settings())
    assert list(found["settings"]) == ["default", "legs=dense"]
    assert found["settings"]["legs=dense"]["settings"]["legs"] == ("dense",)
    # Alone, the dense leg orders the hits by itself.
    hits = next(library.ask_many([("q", "大桥全长多少公里？")], legs=frozenset(["dense"]))).hits
    assert [hit.legs["dense"].rank for hit in hits] == sorted(hit.legs["dense"].rank for hit in hits)
    assert matrix_table(found).count("\n") == 3  # header, rule, two rows


def test_fusion_by_rank() -> None:
    # 7: 1/61 + 1/62; 5: 1/62 + 1/63; 9: 1/61.
    assert fused([7, 5], [9, 7, 5]) == [7, 5, 9]


def test_baselines_rank_documents(folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baycase.eval.baselines.find_spec", lambda name: None)  # txtai needs a model: below
    questions = read_folder(folder).subsets["zh"]
    found = baselines(library, questions)
    assert {"dense", "BM25 (jieba)", "RRF of both"} <= found.keys()
    # Three of the four questions share words with their document; the fourth shares none.
    assert found["BM25 (jieba)"]["zh"]["recall@1"] >= 0.75
    assert all(0 <= value <= 1 for by_subset in found.values() for value in by_subset["zh"].values())


def test_txtai_ranks_documents_twice_from_one_index(
    folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    txtai = pytest.importorskip("txtai", reason="the dependency group `compare` brings it")
    made = []
    real = txtai.Embeddings
    monkeypatch.setattr(txtai, "Embeddings", lambda settings: made.append(settings) or real(settings))
    monkeypatch.setattr(type(library.encoder), "name", DEFAULT_MODEL)
    questions = [question for asked in read_folder(folder).subsets.values() for question in asked]
    steps: list[tuple[str, int, int]] = []
    rankings = txtai_rankings(library, questions, lambda *step: steps.append(step))
    assert len(made) == 1 and made[0]["instructions"]["query"] == "query: "
    assert set(rankings) == {"txtai", "txtai hybrid"} and steps[-1] == ("txtai", 3, 3)
    for ranked in rankings.values():
        assert len(ranked) == len(questions)
        firsts = [documents[0] for documents in ranked]
        assert firsts[:3] == ["tea", "bridge", "port"] and all(len(set(d)) == len(d) for d in ranked)
