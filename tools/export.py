"""Checkpoint to a model folder: the ONNX graph, config.json, generation_config.json and tokenizer files.

The graph comes from the TorchScript exporter, called as optimum-onnx calls
it for `--task text-generation-with-past`, so it looks like users' exports.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before onnxruntime is imported, which starts it

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor
from transformers import DynamicCache, GenerationConfig, Qwen2Config, Qwen2ForCausalLM

from build_tokenizer import CONTEXT, tokenizer, tokenizer_config
from vocabulary import token_ids

OPSET = 18


def to_transformers(saved: dict) -> Qwen2ForCausalLM:
    shape, ids = saved["shape"], token_ids()
    config = Qwen2Config(
        vocab_size=shape["vocabulary"], hidden_size=shape["hidden"], intermediate_size=shape["mlp"],
        num_hidden_layers=shape["layers"], num_attention_heads=shape["query_heads"],
        num_key_value_heads=shape["kv_heads"], max_position_embeddings=CONTEXT,
        rms_norm_eps=shape["norm_eps"], tie_word_embeddings=False, use_sliding_window=False,
        bos_token_id=None, eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"],
        rope_parameters={"rope_type": "llama3", "rope_theta": shape["rope_theta"], "factor": shape["rope_factor"],
                         "original_max_position_embeddings": shape["rope_original"],
                         "low_freq_factor": 1.0, "high_freq_factor": 4.0},
        attn_implementation="sdpa", dtype="float32")
    model = Qwen2ForCausalLM(config)
    model.load_state_dict(saved["model"])
    return model.eval()


def flatten(model: Qwen2ForCausalLM) -> None:
    """Gives the model flat inputs and outputs, as ONNX has them.

    Its own forward is replaced, not wrapped in another module, so that the
    graph's nodes keep their usual names.
    """
    whole = model.forward

    def forward(input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, *past: Tensor) -> tuple[Tensor, ...]:
        cache = DynamicCache(list(zip(past[::2], past[1::2])))
        out = whole(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids,
                    past_key_values=cache, use_cache=True)
        present = [t for layer in out.past_key_values.layers for t in (layer.keys, layer.values)]
        return out.logits, *present

    model.forward = forward


def sample_inputs(config: Qwen2Config, batch: int, past: int, new: int) -> tuple[Tensor, ...]:
    head_dim = config.hidden_size // config.num_attention_heads
    cache = [torch.randn(batch, config.num_key_value_heads, past, head_dim)
             for _ in range(2 * config.num_hidden_layers)]
    return (torch.randint(0, config.vocab_size, (batch, new)),
            torch.ones(batch, past + new, dtype=torch.int64),
            torch.arange(past, past + new).expand(batch, -1).contiguous(), *cache)


def names(layers: int) -> tuple[list[str], list[str], dict[str, dict[int, str]]]:
    both = "past_sequence_length + sequence_length"
    inputs, outputs = ["input_ids", "attention_mask", "position_ids"], ["logits"]
    axes = {"input_ids": {0: "batch_size", 1: "sequence_length"},
            "attention_mask": {0: "batch_size", 1: both},
            "position_ids": {0: "batch_size", 1: "sequence_length"},
            "logits": {0: "batch_size", 1: "sequence_length"}}
    for i in range(layers):
        for part in ("key", "value"):
            inputs.append(f"past_key_values.{i}.{part}")
            outputs.append(f"present.{i}.{part}")
            axes[inputs[-1]] = {0: "batch_size", 2: "past_sequence_length"}
            axes[outputs[-1]] = {0: "batch_size", 2: both}
    return inputs, outputs, axes


def export_graph(model: Qwen2ForCausalLM, path: Path) -> None:
    inputs, outputs, axes = names(model.config.num_hidden_layers)
    with torch.no_grad():
        torch.onnx.export(model, sample_inputs(model.config, 2, 16, 16), str(path),
                          input_names=inputs, output_names=outputs, dynamic_axes=axes,
                          opset_version=OPSET, do_constant_folding=True, dynamo=False)
    onnx.checker.check_model(str(path))


@torch.no_grad()
def largest_difference(model: Qwen2ForCausalLM, path: Path) -> float:
    """Logits of PyTorch against ONNX Runtime: prefill and continuation."""
    inputs, _, _ = names(model.config.num_hidden_layers)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch, past, new in ((1, 0, 40), (1, 300, 1), (2, 33, 7)):
        tensors = sample_inputs(model.config, batch, past, new)
        wanted = model(*tensors)
        got = session.run(None, {n: t.numpy() for n, t in zip(inputs, tensors)})
        worst = max(worst, *(float(np.abs(w.numpy() - g).max()) for w, g in zip(wanted, got)))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = to_transformers(torch.load(args.checkpoint))
    model.config.save_pretrained(args.out)
    flatten(model)
    (args.out / "onnx").mkdir(parents=True, exist_ok=True)
    path = args.out / "onnx" / "model.onnx"
    export_graph(model, path)
    ids = token_ids()
    GenerationConfig(eos_token_id=[ids["<|im_end|>"], ids["<|endoftext|>"]], pad_token_id=ids["<|endoftext|>"],
                     do_sample=False).save_pretrained(args.out)
    for name, content in (("tokenizer.json", tokenizer()), ("tokenizer_config.json", tokenizer_config())):
        (args.out / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB, "
          f"largest difference from PyTorch {largest_difference(model, path):.1e}")


if __name__ == "__main__":
    main()
