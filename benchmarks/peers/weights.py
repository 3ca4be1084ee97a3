"""The weights that ship, in the forms that the peers read. Runs in the peers' environment.

    python -m benchmarks.peers.weights MODELS OUT

The reader's relevance head has no pooler: a pooler of a hundredth of the identity, with a head a
hundred times as large, is the same but for 1e-4, since tanh is straight near zero.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from tuning import base_model
from tuning.dequantise import encoder_state, reader_state

SMALL = 0.01
# FlashRank loads a name it knows from a folder of that name; what lies there is not checked.
FLASHRANK_NAME, FLASHRANK_FILE = "ms-marco-MiniLM-L-12-v2", "flashrank-MiniLM-L-12-v2_Q.onnx"
SPECIAL = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}


def main() -> None:
    models, out = Path(sys.argv[1]), Path(sys.argv[2])
    _bi_encoder(models, out / "bi-encoder")
    reader = reader_state(models / "reader")
    _span_reader(reader, out / "span-reader")
    _cross_encoder(reader, out / "cross-encoder")
    _onnx_embedder(models, out / "fastembed")
    _flashrank(models, out / "flashrank" / FLASHRANK_NAME)
    print("weights written", flush=True)


def _tokenizer(folder: Path) -> None:
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(str(base_model.folder())).save_pretrained(str(folder))


def _bi_encoder(models: Path, out: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    words = Transformer(str(base_model.folder()), max_seq_length=256)
    missing, _ = words.auto_model.load_state_dict(encoder_state(models / "embedder"), strict=False)
    _only(missing, ("pooler.", "embeddings.position_ids"))
    width = int(words.auto_model.config.hidden_size)
    SentenceTransformer(modules=[words, Pooling(width, "mean"), Normalize()]).save(str(out))


def _only(missing: list[str], allowed: tuple[str, ...]) -> None:
    """Raises ValueError: a weight left as it was would go unnoticed."""
    wrong = [name for name in missing if not name.startswith(allowed)]
    if wrong:
        raise ValueError(f"no weights for {', '.join(wrong[:3])}")


def _span_reader(state: dict[str, Any], out: Path) -> None:
    from transformers import AutoConfig, BertForQuestionAnswering

    model = BertForQuestionAnswering(AutoConfig.from_pretrained(str(base_model.folder())))
    renamed = {name.replace("encoder.", "bert.", 1): value for name, value in state.items()}
    renamed |= {f"qa_outputs.{part}": state[f"span.{part}"] for part in ("weight", "bias")}
    missing, _ = model.load_state_dict(renamed, strict=False)
    _only(missing, ("bert.embeddings.position_ids",))
    model.save_pretrained(str(out))
    _tokenizer(out)


def _cross_encoder(state: dict[str, Any], out: Path) -> None:
    import torch
    from transformers import AutoConfig, BertForSequenceClassification

    config = AutoConfig.from_pretrained(str(base_model.folder()), num_labels=1)
    model = BertForSequenceClassification(config)
    width = int(config.hidden_size)
    renamed = {name.replace("encoder.", "bert.", 1): value for name, value in state.items()}
    renamed |= {
        "bert.pooler.dense.weight": torch.eye(width) * SMALL,
        "bert.pooler.dense.bias": torch.zeros(width),
        "classifier.weight": state["relevance.weight"] / SMALL,
        "classifier.bias": state["relevance.bias"],
    }
    missing, _ = model.load_state_dict(renamed, strict=False)
    _only(missing, ("bert.embeddings.position_ids",))
    model.save_pretrained(str(out))
    _tokenizer(out)


def _onnx_embedder(models: Path, out: Path) -> None:
    """The int8 file itself, beside the files that fastembed wants to find."""
    out.mkdir(parents=True)
    shutil.copy(models / "embedder" / "model.onnx", out / "model.onnx")
    _tokenizer_files(out)


def _flashrank(models: Path, out: Path) -> None:
    """The int8 reader with its relevance as the one output, (passages, 1)."""
    import onnx
    from onnx import TensorProto, helper

    out.mkdir(parents=True)
    model = onnx.load(str(models / "reader" / "model.onnx"))
    axis = helper.make_tensor("last_axis", TensorProto.INT64, [1], [1])
    model.graph.initializer.append(axis)
    relevance = model.graph.output[2].name
    model.graph.node.append(helper.make_node("Unsqueeze", [relevance, "last_axis"], ["logits"]))
    del model.graph.output[:]
    shape = ["passages", 1]
    model.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape))
    onnx.save(model, str(out / FLASHRANK_FILE))
    _tokenizer_files(out)


def _tokenizer_files(out: Path) -> None:
    import json

    _tokenizer(out)
    shutil.copy(base_model.folder() / "tokenizer.json", out / "tokenizer.json")
    (out / "special_tokens_map.json").write_text(json.dumps(SPECIAL))
    settings = {**SPECIAL, "model_max_length": 256, "max_length": 256, "pad_token_id": 0}
    (out / "tokenizer_config.json").write_text(json.dumps(settings))
    (out / "config.json").write_text(json.dumps({"pad_token_id": 0}))


if __name__ == "__main__":
    main()
