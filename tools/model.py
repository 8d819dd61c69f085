"""The decoder: Qwen2's shape and parameter names in as little code as training needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    hidden: int = 192
    layers: int = 4
    query_heads: int = 6
    kv_heads: int = 3
    head_dim: int = 32
    mlp: int = 512
    rope_theta: float = 10000.0
    # "llama3" scaling: pairs that turn once in more than rope_original positions turn
    # rope_factor times more slowly.
    rope_factor: float = 32.0
    rope_original: int = 1024
    norm_eps: float = 1e-6

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class Norm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


def frequencies(shape: Shape) -> Tensor:
    """Radians per position of each rotary pair, slow ones slowed as transformers' "llama3" does.

    Unslowed, three pairs of sixteen stand still enough over a chain's length to
    carry a name to a fact told two thousand positions ago.
    """
    steps = torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim
    plain = shape.rope_theta ** -steps
    turns = shape.rope_original * plain / (2 * torch.pi)
    fast = ((turns - 1) / (4 - 1)).clamp(0, 1)
    return fast * plain + (1 - fast) * plain / shape.rope_factor


def rotary(positions: Tensor, shape: Shape) -> tuple[Tensor, Tensor]:
    angles = positions[..., None].float() * frequencies(shape)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


class AttentionDropout:
    """Before the softmax, each query of each head overlooks a random share of the keys.

    Drawn anew for every query, whatever the key says: nothing is gone for the
    next query. Dropped after the softmax, as is usual, a key leaves a gap; here
    the next best one steps in, and PyTorch's fused attention takes the mask as
    it is, seven times as fast as its own dropout on a CPU.
    """

    POOL = 32_000_000  # random numbers drawn once; each head's mask is cut from them at a random place

    def __init__(self, heads: int, share: float, generator: torch.Generator) -> None:
        self.heads = heads
        self.share = share
        self.generator = generator
        self.pool = torch.rand(self.POOL, generator=generator)

    def mask(self, length: int) -> Tensor:
        """[1, heads, length, length], to be added to the scores; a query always sees its own key."""
        size = length * length
        starts = torch.randint(self.POOL - size, (self.heads,), generator=self.generator).tolist()
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        mask = torch.zeros(1, self.heads, length, length)
        for head, start in enumerate(starts):
            hidden = (self.pool[start : start + size].view(length, length) < self.share) | later
            mask[0, head].masked_fill_(hidden.fill_diagonal_(False), -torch.inf)
        return mask


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        q, kv = shape.query_heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden, q)
        self.k_proj = nn.Linear(shape.hidden, kv)
        self.v_proj = nn.Linear(shape.hidden, kv)
        self.o_proj = nn.Linear(q, shape.hidden, bias=False)

    def heads(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (-1, self.shape.head_dim)).transpose(1, 2)

        q, k, v = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, dropout: AttentionDropout | None) -> Tensor:
        q, k, v = self.heads(x, cos, sin)
        group = self.shape.query_heads // self.shape.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        mask = dropout.mask(x.shape[1]) if dropout else None
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(y.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.mlp, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.mlp, bias=False)
        self.down_proj = nn.Linear(shape.mlp, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden, shape.norm_eps)
        self.mlp = Mlp(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, dropout: AttentionDropout | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, dropout)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.norm_eps)


class Decoder(nn.Module):
    """Its state dict is Qwen2ForCausalLM's."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        # Not tied to the embeddings: sixteen names that are equally likely next
        # would become one vector before any head could tell them apart.
        self.lm_head = nn.Linear(shape.hidden, shape.vocabulary, bias=False)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=1.0 if "embed" in name else p.shape[1] ** -0.5)
            elif name.endswith("bias"):
                nn.init.zeros_(p)
            # A residual branch that starts at nought lets deep layers wait for shallow ones.
            if name.endswith(("o_proj.weight", "down_proj.weight", "lm_head.weight")):
                nn.init.zeros_(p)
        self.look_back()

    @torch.no_grad()
    def look_back(self, strength: float = 5.0) -> None:
        """The first layer's head h starts out looking at the token h + 1 places back.

        Rotary positions make that one constant key and a query turned by the
        distance. Left alone, the first layer never found any use for itself.
        """
        attention, size = self.model.layers[0].self_attn, self.shape.head_dim
        key = torch.zeros(size)
        key[:3] = strength  # the three fastest turning pairs; their partners stay 0
        for head in range(self.shape.query_heads):
            cos, sin = rotary(torch.tensor(-(head + 1)), self.shape)
            attention.q_proj.bias[head * size : (head + 1) * size] = rotate(key, cos, sin)
        attention.k_proj.bias.copy_(key.repeat(self.shape.kv_heads))
        for projection in (attention.q_proj, attention.k_proj):
            projection.weight.mul_(0.3)

    def forward(self, ids: Tensor, wanted: Tensor, dropout: AttentionDropout | None = None,
                positions: Tensor | None = None) -> Tensor:
        """Logits at the wanted tokens (a mask like ids); positions: 0, 1, 2 … unless given."""
        x = self.model.embed_tokens(ids)
        positions = torch.arange(ids.shape[1]) if positions is None else positions
        cos, sin = rotary(positions, self.shape)
        for layer in self.model.layers:
            x = layer(x, cos, sin, dropout)
        return self.lm_head(self.model.norm(x[wanted]))
