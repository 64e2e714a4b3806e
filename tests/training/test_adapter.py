"""What training writes and search merges: the same weights on both sides, and nothing of the test split behind it."""

import json
import random
from importlib.resources import as_file, files

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file, save_file

from baycase.corpus.reader import read_shipped as read_cases
from baycase.eval.testset import read_shipped
from baycase.search.reader_model import ADAPTER, merge
from baycase.training.cases import HELD_OUT, case_material, case_of, read_written
from baycase.training.network import DENSE, UNCHANGED, ReaderNetwork
from baycase.training.pairs import Pair, Scores
from baycase.training.reader import losses, save

WIDTH, INNER, LAYERS = 8, 16, 4


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A BERT of four layers of eight numbers, weights drawn by chance."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(3)
    sizes = {name: (WIDTH, WIDTH) for name in DENSE}
    sizes |= {"intermediate.dense": (INNER, WIDTH), "output.dense": (WIDTH, INNER)}
    weights = {
        "embeddings.word_embeddings.weight": torch.randn(30, WIDTH),
        "embeddings.position_embeddings.weight": torch.randn(20, WIDTH),
        "embeddings.token_type_embeddings.weight": torch.randn(1, WIDTH),
        "embeddings.LayerNorm.weight": torch.ones(WIDTH),
        "embeddings.LayerNorm.bias": torch.zeros(WIDTH),
    }
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for name, (rows, columns) in sizes.items():
            weights[f"{prefix}{name}.weight"] = torch.randn(rows, columns) * 0.3
            weights[f"{prefix}{name}.bias"] = torch.randn(rows) * 0.1
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{prefix}{name}.weight"] = torch.rand(WIDTH) + 0.5
            weights[f"{prefix}{name}.bias"] = torch.randn(WIDTH) * 0.1
    save_file(weights, folder / "model.safetensors")
    config = {
        "model_type": "bert", "hidden_size": WIDTH, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": 2, "vocab_size": 30, "max_position_embeddings": 20, "type_vocab_size": 1,
        "hidden_act": "gelu", "layer_norm_eps": 1e-12, "architectures": ["BertModel"],
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def network(encoder) -> ReaderNetwork:
    """A network whose adapters do something, rounded as the file rounds them."""
    torch.manual_seed(4)
    network = ReaderNetwork(encoder, rank=2, alpha=4.0, dtype=torch.float32)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.copy_((torch.randn_like(parameter) * 0.3).half().float())
        network.segments.copy_(network.segments.half().float())
    network.merge()
    return network


@pytest.fixture(scope="module")
def merged(encoder, network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("merged")
    save(network, folder / "adapter.safetensors", {"seed": "4"})
    merge(encoder, folder / "adapter.safetensors", folder)
    return folder


def test_search_merges_to_the_weights_that_training_ran_with(encoder, network, merged):
    before, after = load_file(encoder / "model.safetensors"), load_file(merged / "model.safetensors")
    assert set(before) == set(after)
    for number, layer in enumerate(network.layers):
        for dense, attribute in DENSE.items():
            name = f"encoder.layer.{number}.{dense}.weight"
            assert torch.allclose(after[name], getattr(layer, attribute).merge(), rtol=1e-4, atol=1e-6)
            assert torch.equal(before[name], after[name]) == (number < UNCHANGED)
    for name in before:
        if ".dense.weight" not in name and ".self." not in name and "token_type" not in name:
            assert torch.equal(before[name], after[name]), name
    assert after["embeddings.token_type_embeddings.weight"].shape == (2, WIDTH)


def test_the_merged_encoder_and_heads_give_the_scores_of_training(network, merged):
    """The whole way by the engine that search runs: the network of training is another program."""
    from baycase.index.transformer import open_token_encoder

    ids, types = [0, 5, 9, 2, 11, 12, 13, 2], [0, 0, 0, 0, 1, 1, 1, 1]
    with torch.no_grad():
        expected = network(torch.tensor([ids]), torch.tensor([types]), torch.tensor([len(ids)]))
    states = open_token_encoder(merged, "onnx-fp32").token_states([ids], [types])[0]
    heads = load_numpy(merged / "heads.safetensors")
    spans = states @ heads["span.weight"].T + heads["span.bias"]
    np.testing.assert_allclose(spans[:, 0], expected.start[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(spans[:, 1], expected.end[0].numpy(), atol=1e-4)
    relevance = states[0] @ heads["relevance.weight"][0] + heads["relevance.bias"][0]
    assert relevance == pytest.approx(float(expected.relevance[0]), abs=1e-4)


def test_padding_changes_no_score(network):
    short = torch.tensor([[0, 5, 2, 11, 2]])
    types = torch.tensor([[0, 0, 0, 1, 1]])
    padded = torch.cat([short, torch.ones(1, 3, dtype=torch.long)], 1)
    with torch.no_grad():
        alone = network(short, types, torch.tensor([5]))
        wide = network(padded, torch.cat([types, torch.zeros(1, 3, dtype=torch.long)], 1), torch.tensor([5]))
    assert torch.allclose(alone.start, wide.start[:, :5], rtol=1e-4, atol=1e-5)
    assert torch.allclose(alone.relevance, wide.relevance, rtol=1e-4, atol=1e-5)


def test_the_adapters_gradients_are_those_of_the_merged_map(network):
    """The backward pass is written by hand; autograd through W + s·BA is what it must equal."""
    dense = network.layers[UNCHANGED].up
    x = torch.randn(2, 3, WIDTH)
    dense.lora_a.grad = dense.lora_b.grad = None
    (dense(x) ** 2).sum().backward()
    a, b = (part.detach().clone().requires_grad_() for part in (dense.lora_a, dense.lora_b))
    ((x @ (dense.weight + dense.scale * b @ a).t() + dense.bias) ** 2).sum().backward()
    for ours, theirs in ((dense.lora_a.grad, a.grad), (dense.lora_b.grad, b.grad)):
        assert ours is not None and theirs is not None
        assert torch.allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_the_loss_wants_the_right_window_above_none_and_none_above_the_wrong():
    right = Pair([0, 2, 7, 8, 2], 2, (2, 3), [(0, 1), (1, 2)])
    wrong = Pair([0, 2, 7, 8, 2], 2, None, [(0, 1), (1, 2)])
    start = torch.full((2, 5), -torch.inf)
    start[:, 2:4] = 0.0
    groups = [[right, wrong]]

    def relevance(scores: list[float], answered: bool) -> float:
        found, _ = losses(Scores(torch.tensor(scores), start, start), groups, [answered])
        return float(found)

    assert relevance([3.0, -3.0], True) < relevance([0.0, 0.0], True) < relevance([-3.0, 3.0], True)
    assert relevance([-3.0, -3.0], False) < relevance([3.0, -3.0], False)
    sharp = start.clone()
    sharp[0, 2] = 5.0
    even, pointed = (losses(Scores(torch.zeros(2), s, start), groups, [True])[1] for s in (start, sharp))
    assert float(pointed) < float(even)
    assert float(losses(Scores(torch.zeros(2), start, start), groups, [False])[1]) == 0.0


# -- the file that is shipped ----------------------------------------------------------------------


def test_the_shipped_adapter_is_small_and_says_what_made_it():
    with as_file(files("baycase.search") / ADAPTER) as path:
        assert path.stat().st_size <= 8 * 2**20
        with safe_open(path, "numpy") as file:
            about = file.metadata()
        trained = load_numpy(path)
    assert float(about["rank"]) == 16 and float(about["alpha"]) == 32
    assert {"format_version", "data", "seed", "steps", "hours", "mean_of"} <= set(about)
    assert len(about["mean_of"].split(", ")) == 2
    layers = {int(name.split(".")[1]) for name in trained if name.startswith("layers.")}
    assert layers == set(range(UNCHANGED, 12))
    assert all(np.isfinite(tensor).all() for tensor in trained.values())


# -- which cases it was trained on -----------------------------------------------------------------


@pytest.fixture(scope="module")
def material():
    return case_material()


def test_no_even_case_is_trained_on(material):
    test_set = read_shipped()
    assert {int(paragraph.article) for paragraph in material.paragraphs} == set(range(1, 16, 2))
    texts = [document.text for document in read_cases()]
    assert [p.text for p in material.paragraphs if p.language == "zh"] == texts[::2]
    others = {q.text for questions in test_set.of_split("test").subsets.values() for q in questions}
    others |= {q.text for q in test_set.of_split("test").near}
    assert len(others) > 100
    assert not others & {question.text for question in (*material.questions, *material.near)}


def test_what_was_written_for_training_is_not_the_shipped_set():
    shipped, written = read_shipped(), read_written()
    assert not written.problems
    assert {case_of(q) for questions in written.subsets.values() for q in questions} == set(range(1, 16, 2))
    assert len(written.near) > 500
    asked = [
        {q.text for q in (*(q for questions in side.subsets.values() for q in questions), *side.near)}
        for side in (shipped, written)
    ]
    assert not asked[0] & asked[1]
    texts = {document.doc_id: document.text for document in read_cases()}
    for question in (*(q for questions in written.subsets.values() for q in questions), *written.near):
        for evidence in question.evidence:
            assert texts[evidence.doc_id][evidence.start : evidence.end] == evidence.quote


def test_case_groups_leave_the_held_out_cases_out(material):
    rng = random.Random(5)
    train, aside = material.split({str(case) for case in HELD_OUT})
    for side, cases in ((train, {1, 3, 5, 9, 11, 13}), (aside, HELD_OUT)):
        found = [side.paragraphs[q.paragraph].article for q in (*side.questions, *side.near)]
        assert set(map(int, found)) == cases
    for number in rng.sample(range(len(train.questions)), 150):
        first = train.group(number, rng, 3, True).windows[0]
        assert first.answer is not None
        assert first.text[slice(*first.answer)] == train.questions[number].answer
    for number in rng.sample(range(len(train.near)), 100):
        group = train.near_group(number, rng, 3)
        assert not group.answered
        assert all(window.answer is None for window in group.windows)


def test_a_case_question_has_its_answer_where_it_says(material):
    crossing = set()
    for question in material.questions:
        paragraph = material.paragraphs[question.paragraph]
        assert paragraph.text[question.start : question.start + len(question.answer)] == question.answer
        crossing.add((question.language, paragraph.language))
    assert crossing == {("zh", "zh"), ("en", "zh"), ("en", "en")}
