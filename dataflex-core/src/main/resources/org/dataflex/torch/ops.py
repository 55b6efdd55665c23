# The operators that DJL does not expose, in the form in which TorchScript prints its own code.
#
# OperatorModule.java loads this file and, behind it, product_onednn.py or product.py; a method here
# is an operator that an OperatorCall may name.
# TorchScript's parser takes comments, operators and method calls as Python does, but:
#   - a data type is its number: 0 uint8, 1 int8, 3 int32, 4 int64, 6 float32, 11 bool, 15 bfloat16;
#   - every name of `torch` is an ATen operator, `torch.X(...)` is `aten::X`;
#   - DJL passes arrays only, so numbers and flags arrive as strings: float(s), int(s), bool(int(s));
#   - DJL reads arrays only, so what works in place returns an empty list.
# Shapes: B batch, H query heads, G key heads (H = G * r), T queries, S keys, K head size,
# N tokens, D hidden size, V vocabulary.

class Ops(Module):

  # --- attention ---------------------------------------------------------------------------

  # The CPU's fused kernel wants as many key heads as query heads; enable_gqa would avoid it.
  def share_heads(self, q: Tensor, keys: Tensor) -> Tensor:
    if q.size(1) == keys.size(1):
      return keys
    return torch.repeat_interleave(keys, q.size(1) // keys.size(1), 1)

  # [T, S]: may query t see key s? The last query sees all keys, as with a key cache.
  def before(self, q: Tensor, k: Tensor) -> Tensor:
    t = q.size(2)
    s = k.size(2)
    return torch.ones([t, s], dtype=11, device=q.device).tril(s - t)

  # A query with nothing to see is shown everything, and its result erased: no 0/0 anywhere.
  def attend_masked(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    blind = mask.to(0).amax([-1], True) == 0
    seen = torch.scaled_dot_product_attention(
        q, self.share_heads(q, k), self.share_heads(q, v), mask | blind)
    return seen.masked_fill(blind, 0.)

  # The fused kernel keeps no probabilities, but is slow on a CPU where texts are short.
  def attend_causal(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    if q.is_cpu and q.size(2) <= 512:
      return self.attend_blocks(q, k, v)[0]
    return torch.scaled_dot_product_attention(q, k, v, None, 0., True)

  # How many queries at a time: few compute less in vain, for later keys; many are fewer calls, which
  # weigh more where products are fast.
  def block_queries(self, q: Tensor) -> int:
    return 128 if q.dtype == 15 else 64

  # softmax(q k' / sqrt(K)) v, a block of queries at a time with the keys up to the last of them; and
  # then the probabilities of each block.
  def attend_blocks(self, q: Tensor, k: Tensor, v: Tensor) -> List[Tensor]:
    t = q.size(2)
    scale = float(q.size(3)) ** -0.5
    keys = k.reshape([-1, t, q.size(3)])
    values = v.reshape([-1, t, v.size(3)])
    later = torch.full([t, t], -inf, dtype=q.dtype, device=q.device).triu_(1)
    rows = self.block_queries(q)
    qs = q.reshape([-1, t, q.size(3)]).split(rows, 1)
    hidden = later.split(rows, 0)
    seen = annotate(List[Tensor], [])
    ps = annotate(List[Tensor], [])
    for i in range(len(qs)):
      end = min(t, rows * i + rows)
      scores = torch.baddbmm(
          hidden[i].narrow(1, 0, end), qs[i], keys.narrow(1, 0, end).transpose(1, 2),
          beta=1, alpha=scale)
      ps.append(torch.softmax(scores, -1))
      seen.append(torch.bmm(ps[i], values.narrow(1, 0, end)))
    return [torch.cat(seen, 1).view([q.size(0), q.size(1), t, v.size(3)])] + ps

  # dq, dk and dv [B, H, T, K] of attend_blocks; the last block sees all keys.
  def attend_blocks_back(
      self, d: Tensor, q: Tensor, k: Tensor, v: Tensor, ps: List[Tensor]) -> List[Tensor]:
    t = q.size(2)
    scale = float(q.size(3)) ** -0.5
    keys = k.reshape([-1, t, k.size(3)])
    values = v.reshape([-1, t, v.size(3)])
    rows = self.block_queries(q)
    qs = q.reshape([-1, t, q.size(3)]).split(rows, 1)
    ds = d.reshape([-1, t, v.size(3)]).split(rows, 1)
    d_qs = annotate(List[Tensor], [])
    d_keys = annotate(List[Tensor], [])
    d_values = annotate(List[Tensor], [])
    for j in range(len(qs)):
      i = len(qs) - 1 - j
      end = ps[i].size(2)
      d_value = torch.bmm(ps[i].transpose(1, 2), ds[i])
      d_p = torch.bmm(ds[i], values.narrow(1, 0, end).transpose(1, 2))
      d_score = torch._softmax_backward_data(d_p, ps[i], -1, d_p.dtype)
      d_qs.insert(0, torch.bmm(d_score, keys.narrow(1, 0, end)))
      d_key = torch.bmm(d_score.transpose(1, 2), qs[i])
      if j == 0:
        d_keys.append(d_key)
        d_values.append(d_value)
      else:
        d_keys[0].narrow(1, 0, end).add_(d_key)
        d_values[0].narrow(1, 0, end).add_(d_value)
    return [
        torch.cat(d_qs, 1).mul_(scale).view(q.size()), d_keys[0].mul_(scale).view(k.size()),
        d_values[0].view(v.size())]

  # [B, T, H * K] to [B, H, T, K], and back.
  def heads_apart(self, x: Tensor, size: int) -> Tensor:
    return x.view([x.size(0), x.size(1), -1, size]).transpose(1, 2)

  def heads_joined(self, x: Tensor) -> Tensor:
    return x.transpose(1, 2).reshape([x.size(0), x.size(2), -1])

  # Causal attention of heads turned by their positions, [B, T, H * K], and what its way back needs.
  def attend_turned(
      self, q: Tensor, k: Tensor, v: Tensor, cos: Tensor, sin: Tensor, size: str) -> List[Tensor]:
    queries = self.rotary(self.heads_apart(q, int(size)), cos, sin)
    keys = self.rotary(self.heads_apart(k, int(size)), cos, sin)
    keys = self.share_heads(queries, keys).contiguous()
    values = self.share_heads(queries, self.heads_apart(v, int(size))).contiguous()
    seen = self.attend_blocks(queries, keys, values)
    return [self.heads_joined(seen[0]), queries, keys, values] + seen[1:]

  # The gradients of q [B, T, H * K], k and v [B, T, G * K].
  def attend_turned_back(
      self, d: Tensor, cos: Tensor, sin: Tensor, kept: List[Tensor], groups: str) -> List[Tensor]:
    q = kept[0]
    back = self.attend_blocks_back(
        self.heads_apart(d, q.size(3)), q, kept[1], kept[2], kept[3:])
    d_k = self.sum_shared(back[1], int(groups))
    turn_back = torch.neg(sin)
    return [
        self.heads_joined(self.rotary(back[0], cos, turn_back)),
        self.heads_joined(self.rotary(d_k, cos, turn_back)),
        self.heads_joined(self.sum_shared(back[2], int(groups)))]

  # The gradients of what share_heads repeated.
  def sum_shared(self, d: Tensor, groups: int) -> Tensor:
    if d.size(1) == groups:
      return d
    return d.view([d.size(0), groups, -1, d.size(2), d.size(3)]).sum([2])

  def attention(self, q: Tensor, k: Tensor, v: Tensor, causal: str) -> Tensor:
    if not bool(int(causal)) or q.size(2) == 1:
      return torch.scaled_dot_product_attention(
          q, self.share_heads(q, k), self.share_heads(q, v))
    if q.size(2) == k.size(2):
      return self.attend_causal(q, self.share_heads(q, k), self.share_heads(q, v))
    return self.attend_masked(q, k, v, self.before(q, k))

  def causal_attention(
      self, q: Tensor, k: Tensor, v: Tensor, compute: str) -> Tensor:
    kind = int(compute)
    seen = self.attention(q.to(kind), k.to(kind), v.to(kind), "1")
    return seen.to(q.dtype)

  def attention_masked(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, causal: str) -> Tensor:
    if bool(int(causal)):
      mask = mask & self.before(q, k)
    return self.attend_masked(q, k, v, mask)

  def attention_biased(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor, causal: str) -> Tensor:
    if bool(int(causal)):
      bias = bias.masked_fill(~self.before(q, k), -inf)
    blind = torch.isneginf(bias.amax([-1], True))
    seen = torch.scaled_dot_product_attention(
        q, self.share_heads(q, k), self.share_heads(q, v), bias.masked_fill(blind, 0.).to(q.dtype))
    return seen.masked_fill(blind, 0.)

  def length_mask(self, lengths: Tensor, num_keys: str) -> Tensor:
    keys = torch.arange(int(num_keys), dtype=4, device=lengths.device)
    return keys < lengths.view([-1, 1, 1, 1])

  # [T, S]: the query's own key and the window - 1 keys before it.
  def window_mask(self, q: Tensor, k: Tensor, window: str) -> Tensor:
    return self.before(q, k).triu(k.size(2) - q.size(2) - int(window) + 1)

  # --- packing -----------------------------------------------------------------------------
  #
  # Samples of l_1, ..., l_B tokens, as rows of T with padding on the right or end to end in one row.
  # Only slices are copied, there and back: the same bits on any device.

  def numbers(self, text: str) -> List[int]:
    numbers = annotate(List[int], [])
    for number in text.split(" "):
      numbers.append(int(number))
    return numbers

  # [B, T, D] to [1, N, D].
  def pack(self, x: Tensor, lengths: str) -> Tensor:
    sizes = annotate(List[int], [])
    for n in self.numbers(lengths):
      sizes.append(n)
      sizes.append(x.size(1) - n)
    parts = x.flatten(0, 1).split_with_sizes(sizes, 0)
    samples = annotate(List[Tensor], [])
    for i in range(len(parts) // 2):
      samples.append(parts[2 * i])
    return torch.cat(samples).unsqueeze(0)

  # [1, N, D] to [B, T, D], zeros at padding.
  def unpack(self, x: Tensor, lengths: str, columns: str) -> Tensor:
    t = int(columns)
    sizes = self.numbers(lengths)
    padding = torch.zeros([t, x.size(2)], dtype=x.dtype, device=x.device)
    samples = x.squeeze(0).split_with_sizes(sizes, 0)
    parts = annotate(List[Tensor], [])
    for i in range(len(sizes)):
      parts.append(samples[i])
      parts.append(padding.narrow(0, 0, t - sizes[i]))
    return torch.cat(parts).view([-1, t, x.size(2)])

  # --- the rest of a decoder layer ---------------------------------------------------------

  # 1 / sqrt(mean(x * x) + epsilon). The norm keeps less for backward than mean(x * x), and its
  # gradient at 0 is 0.
  def rms_scale(self, x: Tensor, epsilon: str) -> Tensor:
    norm = torch.linalg_vector_norm(x, 2, [-1], True)
    return torch.rsqrt(norm * norm / x.size(-1) + float(epsilon))

  def rms_norm(self, x: Tensor, weight: Tensor, epsilon: str) -> Tensor:
    return x * (self.rms_scale(x, epsilon) * weight)

  # The gradient of x.
  def rms_norm_back(self, d: Tensor, x: Tensor, weight: Tensor, epsilon: str) -> Tensor:
    scale = self.rms_scale(x, epsilon)
    dw = d * weight
    along = (dw * x).sum([-1], True) * (scale * scale * scale / x.size(-1))
    return torch.addcmul(dw * scale, x, along, value=-1)

  # x * cos + [-x2, x1] * sin, with the sign moved to sin, which is small: one pass less over x.
  def rotary(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    sin1, sin2 = sin.chunk(2, -1)
    signed = torch.cat([-sin1, sin2], -1)
    wide = x
    if x.dtype == 15:
      wide = x.to(6)
    turned = torch.roll(wide, [x.size(-1) // 2], [-1])
    return turned.mul_(signed).addcmul_(wide, cos).to(x.dtype)

  def silu_gate(self, gate: Tensor, up: Tensor) -> Tensor:
    return torch.silu(gate) * up

  # The gradients of gate and up.
  def silu_gate_back(self, d: Tensor, gate: Tensor, up: Tensor) -> List[Tensor]:
    return [torch.silu_backward(d * up, gate), d * torch.silu(gate)]

  def linear(self, x: Tensor, weight: Tensor, compute: str, result: str) -> Tensor:
    kind = int(compute)
    return self.product(x.to(kind), weight.to(kind), None).to(int(result))

  def linear_bias(
      self, x: Tensor, weight: Tensor, bias: Tensor, compute: str, result: str) -> Tensor:
    kind = int(compute)
    return self.product(x.to(kind), weight.to(kind), bias.to(kind)).to(int(result))

  # One wide product is faster than narrow ones where the inputs outweigh the matrices, which must
  # be put together first.
  def is_wide(self, x: Tensor, weights: List[Tensor]) -> bool:
    rows = 0
    for w in weights:
      rows = rows + w.size(0)
    return len(weights) > 1 and x.numel() // x.size(-1) >= rows

  # Split before widening: narrow types are cheaper to put together again, which backward does.
  def split_products(self, y: Tensor, weights: List[Tensor], result: str) -> List[Tensor]:
    sizes = annotate(List[int], [])
    for w in weights:
      sizes.append(w.size(0))
    ys = annotate(List[Tensor], [])
    for part in y.split(sizes, -1):
      ys.append(part.to(int(result)))
    return ys

  def linears(
      self, x: Tensor, weights: List[Tensor], compute: str, result: str) -> List[Tensor]:
    return self.products(x, weights, annotate(List[Tensor], []), compute, result)

  def linears_bias(
      self, x: Tensor, weights: List[Tensor], biases: List[Tensor], compute: str,
      result: str) -> List[Tensor]:
    return self.products(x, weights, biases, compute, result)

  # With biases of the first weights, or none at all. Backward goes to trained weights only, so they
  # are not multiplied along with frozen ones where it is recorded.
  def products(
      self, x: Tensor, weights: List[Tensor], biases: List[Tensor], compute: str,
      result: str) -> List[Tensor]:
    kind = int(compute)
    x = x.to(kind)
    ys = annotate(List[Tensor], [])
    start = 0
    for i in range(len(weights)):
      end = i + 1
      if end == len(weights) or not self.are_alike(weights[i], weights[end]):
        ys.extend(self.products_alike(x, weights[start:end], biases[start:end], kind, result))
        start = end
    return ys

  # Whether backward goes to both or to none.
  def are_alike(self, a: Tensor, b: Tensor) -> bool:
    return not torch.is_grad_enabled() or a.requires_grad == b.requires_grad

  def products_alike(
      self, x: Tensor, weights: List[Tensor], biases: List[Tensor], kind: int,
      result: str) -> List[Tensor]:
    bias = annotate(Optional[Tensor], None)
    if self.is_wide(x, weights):
      weight = torch.cat(weights).to(kind)
      if len(biases) > 0:
        bias = self.lengthened(torch.cat(biases).to(kind), weight.size(0))
      return self.split_products(self.product(x, weight, bias), weights, result)
    ys = annotate(List[Tensor], [])
    for i in range(len(weights)):
      bias = annotate(Optional[Tensor], None)
      if i < len(biases):
        bias = biases[i].to(kind)
      ys.append(self.product(x, weights[i].to(kind), bias).to(int(result)))
    return ys

  # With zeros at its end.
  def lengthened(self, x: Tensor, size: int) -> Tensor:
    return torch.constant_pad_nd(x, [0, size - x.size(0)])

  # y_i = x W_i': dx = sum of dy_i W_i, in x's type.
  def linears_back(self, ds: List[Tensor], weights: List[Tensor], x: Tensor) -> Tensor:
    dys = annotate(List[Tensor], [])
    ws = annotate(List[Tensor], [])
    for i in range(len(ds)):
      dys.append(ds[i].to(x.dtype))
      ws.append(weights[i].to(x.dtype))
    if self.is_wide(x, ws):
      dys = [torch.cat(dys, -1)]
      ws = [torch.cat(ws)]
    dx = self.product(dys[0], ws[0].t(), None)
    for i in range(1, len(ws)):
      dx = dx.add_(self.product(dys[i], ws[i].t(), None))
    return dx

  # y + x W', in one pass over y.
  def plus_linear(self, y: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    rows = x.to(y.dtype).reshape([-1, x.size(-1)])
    sum = torch.addmm(y.reshape([-1, y.size(-1)]), rows, weight.to(y.dtype).t())
    return sum.view(y.size())

  # The same in place, not recorded; y's values, not its past.
  def add_linear(self, y: Tensor, x: Tensor, weight: Tensor) -> Tensor:
    rows = x.to(y.dtype).reshape([-1, x.size(-1)])
    y = torch.detach(y)
    sum = y.view([-1, y.size(-1)]).addmm_(rows, weight.to(y.dtype).t())
    return y

  def add(self, x: Tensor, y: Tensor) -> Tensor:
    return x + y

  # --- bfloat16 ----------------------------------------------------------------------------

  def cast(self, x: Tensor, kind: str) -> Tensor:
    return x.to(int(kind))

  def cast_back(self, d: Tensor, x: Tensor) -> Tensor:
    return d.to(x.dtype)

  # The same bits under another type; the last dimension grows or shrinks with the type's size.
  def bits(self, x: Tensor, kind: str) -> Tensor:
    return torch.view_copy(x.contiguous(), int(kind))

  # --- loss --------------------------------------------------------------------------------

  def cross_entropy(self, logits: Tensor, labels: Tensor, ignore: str) -> Tensor:
    return torch.cross_entropy_loss(logits.to(6), labels.to(4), None, 0, int(ignore), 0.)

  def head_losses(
      self, hidden: Tensor, weight: Tensor, labels: Tensor, chunk: str, ignore: str,
      compute: str) -> Tensor:
    rows = self.counted_rows(labels, int(ignore))
    w = weight.to(int(compute))
    hs = hidden.index_select(0, rows).to(int(compute)).split(int(chunk), 0)
    ys = labels.index_select(0, rows).to(4).split(int(chunk), 0)
    losses = annotate(List[Tensor], [])
    for i in range(len(hs)):
      log_p = self.head_log_p(hs[i], w)
      losses.append(self.head_chunk_losses(log_p, ys[i], int(ignore)))
    return self.all_rows(torch.cat(losses), rows, labels)

  # Which rows go through the head: those whose labels count. On a GPU all, for counting would wait
  # for it.
  def counted_rows(self, labels: Tensor, ignore: int) -> Tensor:
    if labels.is_cpu:
      return (labels != ignore).nonzero().reshape([-1])
    return torch.arange(labels.size(0), dtype=4, device=labels.device)

  # x [n, ...] at its rows of [N, ...], 0 elsewhere.
  def all_rows(self, x: Tensor, rows: Tensor, labels: Tensor) -> Tensor:
    if rows.size(0) == labels.size(0):
      return x
    shape = x.size()
    shape[0] = labels.size(0)
    return torch.zeros(shape, dtype=x.dtype, device=x.device).index_copy_(0, rows, x)

  def head_log_p(self, h: Tensor, w: Tensor) -> Tensor:
    return torch.log_softmax(self.product(h, w, None), 1, 6)

  def head_chunk_losses(self, log_p: Tensor, y: Tensor, ignore: int) -> Tensor:
    ignored = y == ignore
    picked = log_p.gather(1, y.masked_fill(ignored, 0).unsqueeze(1))
    return torch.neg(picked).squeeze(1).masked_fill(ignored, 0.)

  # The gradients of sum(a * l), a [N]: dl/dlogits = softmax(logits) - onehot(y). Returns that of h,
  # adds that of w to d_weight, if there is one, and writes over log_p. a scales the [chunk, D]
  # sides, which are smaller.
  def head_chunk_gradients(
      self, log_p: Tensor, h: Tensor, w: Tensor, y: Tensor, a: Tensor, ignore: int,
      d_weight: List[Tensor]) -> Tensor:
    ignored = y == ignore
    a = a.masked_fill(ignored, 0.).unsqueeze(1)
    y = y.masked_fill(ignored, 0).unsqueeze(1)
    d = log_p.exp_().scatter_add_(1, y, torch.full_like(a, -1.)).to(h.dtype)
    for g in d_weight:
      ah = (h * a).to(h.dtype)
      if h.dtype == g.dtype:
        g.addmm_(d.t(), ah)
      else:
        g.add_(d.t() @ ah)
    return self.product(d, w.t(), None).to(6).mul_(a)

  def zeros_if_trained(self, weight: Tensor) -> List[Tensor]:
    zeros = annotate(List[Tensor], [])
    if weight.requires_grad:
      zeros.append(torch.zeros_like(weight))
    return zeros

  # Losses l [N] and the gradients; the largest arrays are two of [chunk, V].
  def head_gradients(
      self, hidden: Tensor, weight: Tensor, labels: Tensor, token_weights: Tensor, chunk: str,
      ignore: str, compute: str) -> List[Tensor]:
    rows = self.counted_rows(labels, int(ignore))
    w = weight.to(int(compute))
    hs = hidden.index_select(0, rows).to(int(compute)).split(int(chunk), 0)
    ys = labels.index_select(0, rows).to(4).split(int(chunk), 0)
    ws = token_weights.index_select(0, rows).split(int(chunk), 0)
    losses = annotate(List[Tensor], [])
    d_hidden = annotate(List[Tensor], [])
    d_weight = self.zeros_if_trained(weight)
    for i in range(len(hs)):
      log_p = self.head_log_p(hs[i], w)
      losses.append(self.head_chunk_losses(log_p, ys[i], int(ignore)))
      d_hidden.append(
          self.head_chunk_gradients(log_p, hs[i], w, ys[i], ws[i], int(ignore), d_weight))
    return [
        self.all_rows(torch.cat(losses), rows, labels),
        self.all_rows(torch.cat(d_hidden), rows, labels)] + d_weight

  # The same in two calls, all tokens at once: losses and what the second call needs.
  def head_forward(
      self, hidden: Tensor, weight: Tensor, labels: Tensor, ignore: str,
      compute: str) -> List[Tensor]:
    rows = self.counted_rows(labels, int(ignore))
    h = hidden.index_select(0, rows).to(int(compute))
    log_p = self.head_log_p(h, weight.to(int(compute)))
    losses = self.head_chunk_losses(log_p, labels.index_select(0, rows).to(4), int(ignore))
    return [self.all_rows(losses, rows, labels), log_p]

  def head_backward(
      self, log_p: Tensor, hidden: Tensor, weight: Tensor, labels: Tensor, token_weights: Tensor,
      ignore: str, compute: str) -> List[Tensor]:
    rows = self.counted_rows(labels, int(ignore))
    h = hidden.index_select(0, rows).to(int(compute))
    w = weight.to(int(compute))
    y = labels.index_select(0, rows).to(4)
    d_weight = self.zeros_if_trained(weight)
    d_hidden = self.head_chunk_gradients(
        log_p, h, w, y, token_weights.index_select(0, rows), int(ignore), d_weight)
    return [self.all_rows(d_hidden, rows, labels)] + d_weight

  # --- gradients ---------------------------------------------------------------------------

  def gradients_of(self, scalar: Tensor, xs: List[Tensor], keep_graph: str) -> List[Tensor]:
    gs = torch.grad([scalar], xs, None, bool(int(keep_graph)), False, True)
    result = annotate(List[Tensor], [])
    for i in range(len(xs)):
      g = gs[i]
      if g is None:
        result.append(torch.zeros_like(xs[i]))
      else:
        result.append(unchecked_cast(Tensor, g))
    return result

  # Has x's values, not its past.
  def stand_in(self, x: Tensor) -> Tensor:
    return torch.detach(x).requires_grad_(x.requires_grad)

  # The gradients of nodes that a root was made of, from its own, d; [0] for other nodes.
  def part_gradients(self, root: Tensor, d: Tensor, nodes: List[Tensor]) -> List[Tensor]:
    gs = torch.grad([root], nodes, annotate(List[Optional[Tensor]], [d]), False, False, True)
    result = annotate(List[Tensor], [])
    for i in range(len(nodes)):
      g = gs[i]
      if g is None:
        result.append(torch.empty([0], device=d.device))
      else:
        result.append(unchecked_cast(Tensor, g))
    return result

  # The given value, with the given gradients: d result / d xs[i] = gs[i].
  def with_gradients(self, value: Tensor, xs: List[Tensor], gs: List[Tensor]) -> Tensor:
    s = torch.zeros_like(value)
    for i in range(len(xs)):
      s = s + torch.dot(xs[i].reshape([-1]), gs[i].reshape([-1]))
    return value.detach() + (s - s.detach())

  # --- parameter updates, in place, called without autograd --------------------------------

  # The kernel reads memory in order: a gradient is put in order first, a parameter must be.
  def adamw(
      self, params: List[Tensor], grads: List[Tensor], means: List[Tensor],
      variances: List[Tensor], step: str, rate: str, beta1: str, beta2: str, decay: str,
      epsilon: str) -> List[Tensor]:
    count = torch.full([], float(step), dtype=6, device=params[0].device)
    counts = annotate(List[Tensor], [])
    ordered = annotate(List[Tensor], [])
    for i in range(len(params)):
      assert params[i].is_contiguous(), "a parameter is not contiguous"
      assert means[i].is_contiguous(), "a first moment is not contiguous"
      assert variances[i].is_contiguous(), "a second moment is not contiguous"
      counts.append(count)
      ordered.append(grads[i].contiguous())
    torch._fused_adamw_(
        params, ordered, means, variances, annotate(List[Tensor], []), counts,
        lr=float(rate), beta1=float(beta1), beta2=float(beta2), weight_decay=float(decay),
        eps=float(epsilon), amsgrad=False, maximize=False)
    return annotate(List[Tensor], [])

  def zero(self, xs: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(xs)
    return annotate(List[Tensor], [])

  def global_norm(self, xs: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(xs, 2)))

  def clip_global_norm(self, xs: List[Tensor], max_norm: str) -> Tensor:
    norm = self.global_norm(xs)
    torch._foreach_mul_(xs, torch.clamp_max(float(max_norm) / (norm + 1e-6), 1.))
    return norm

  # --- gradients of samples, called without autograd ---------------------------------------
  #
  # d [B, ..., O] is the gradient of an output, a [B, ..., I] the input it was made of, B samples.
  # Of the samples from start to end, a row each, float32; P is the parameter's size.

  def slices(self, x: Tensor, start: str, end: str, kind: int) -> Tensor:
    n = int(end) - int(start)
    return x.narrow(0, int(start), n).reshape([n, -1, x.size(-1)]).to(kind)

  # y = a W': d' a, summed over positions.
  def product_rows(self, d: Tensor, a: Tensor, compute: str, start: str, end: str) -> Tensor:
    ds = self.slices(d, start, end, int(compute))
    return torch.bmm(ds.transpose(1, 2), self.slices(a, start, end, int(compute))).to(6).flatten(1)

  # y = ... + b: d, summed over positions.
  def sum_rows(self, d: Tensor, start: str, end: str) -> Tensor:
    return self.slices(d, start, end, 6).sum([1])

  # y = a * w: d a, summed over positions.
  def scale_rows(self, d: Tensor, a: Tensor, start: str, end: str) -> Tensor:
    return (self.slices(d, start, end, 6) * self.slices(a, start, end, 6)).sum([1])

  # y = E[ids]: d, summed where ids say the same. Not index_add_, whose order varies on a GPU.
  def lookup_rows(self, d: Tensor, ids: Tensor, size: str, start: str, end: str) -> Tensor:
    ds = self.slices(d, start, end, 6)
    n = ds.size(0)
    first = torch.arange(n, device=d.device).unsqueeze(1) * int(size)
    own = ids.narrow(0, int(start), n).to(4).reshape([n, -1]) + first
    return torch.embedding_dense_backward(ds, own, n * int(size), -1, False).view([n, -1])

  # How much to handle at a time: on a CPU what stays in its cache, on a GPU what fills it.
  def block_values(self, g: Tensor) -> int:
    if g.is_cuda:
      return 4194304
    return 524288

  # [n, 1 + S] float64: |x_i|^2 and <x_i, u_s> of rows x [n, C] and u [S, C].
  def score(self, x: Tensor, u: Tensor, scratch: Tensor) -> Tensor:
    square = torch.mul(x, x, out=scratch).sum([1], True)
    return torch.cat([square, torch.mm(x, u.t())], 1).to(7)

  # The same columns of each direction, [S, C].
  def columns(self, us: List[Tensor], start: int, size: int) -> Tensor:
    parts = annotate(List[Tensor], [])
    for i in range(len(us)):
      parts.append(us[i].reshape([-1]).narrow(0, start, size))
    return torch.stack(parts)

  def squares(self, g: Tensor) -> Tensor:
    norms = annotate(List[Tensor], [])
    blocks = g.split(self.block_values(g), 1)
    for i in range(len(blocks)):
      norms.append((blocks[i] * blocks[i]).sum([1], True).to(7))
    return torch.cat(norms, 1).sum([1], True)

  def align(self, g: Tensor, us: List[Tensor]) -> Tensor:
    rows = max(min(g.size(0), 16), self.block_values(g) // g.size(1))
    wide = max(self.block_values(g) // rows, 1)
    scores = torch.zeros([g.size(0), 1 + len(us)], dtype=7, device=g.device)
    scratch = torch.empty([min(rows, g.size(0)), min(wide, g.size(1))], device=g.device)
    blocks = g.split(wide, 1)
    for i in range(len(blocks)):
      size = blocks[i].size(1)
      u = self.columns(us, i * wide, size)
      parts = blocks[i].split(rows, 0)
      for j in range(len(parts)):
        n = parts[j].size(0)
        own = scratch.narrow(0, 0, n).narrow(1, 0, size)
        scores.narrow(0, j * rows, n).add_(self.score(parts[j], u, own))
    return scores

  # Gamma = (m + a g) / (sqrt(v + b g^2) + outside) of rows g [n, C] and vectors m, v [C].
  def adam_step(
      self, g: Tensor, m: Tensor, v: Tensor, mean_now: str, variance_now: str, outside: str,
      step: Tensor, root: Tensor) -> Tensor:
    x = torch.add(m, g, alpha=float(mean_now), out=step)
    r = torch.addcmul(v, g, g, value=float(variance_now), out=root)
    if float(outside) > 0.:
      return x.div_(r.sqrt_().add_(float(outside)))
    return x.mul_(r.rsqrt_())

  # The moments of P values, or one 0 where the optimizer has none yet.
  def moment(self, x: Tensor, start: int, size: int, past: str) -> Tensor:
    if x.numel() == 1:
      return x.reshape([1]).expand([size]) * float(past)
    return x.reshape([-1]).narrow(0, start, size) * float(past)

  def adam_rows(
      self, g: Tensor, m: Tensor, v: Tensor, mean_past: str, mean_now: str, variance_past: str,
      variance_now: str, inside: str, outside: str) -> Tensor:
    mean = self.moment(m, 0, g.size(1), mean_past)
    variance = self.moment(v, 0, g.size(1), variance_past).add_(float(inside))
    return self.adam_step(
        g, mean, variance, mean_now, variance_now, outside, torch.empty_like(g),
        torch.empty_like(g))

  # align of adam_rows, block by block: Gamma never exists as a whole.
  def align_adam(
      self, g: Tensor, m: Tensor, v: Tensor, us: List[Tensor], mean_past: str, mean_now: str,
      variance_past: str, variance_now: str, inside: str, outside: str) -> Tensor:
    rows = max(min(g.size(0), 16), self.block_values(g) // g.size(1))
    wide = max(self.block_values(g) // rows, 1)
    scores = torch.zeros([g.size(0), 1 + len(us)], dtype=7, device=g.device)
    shape = [min(rows, g.size(0)), min(wide, g.size(1))]
    steps = torch.empty(shape, device=g.device)
    roots = torch.empty(shape, device=g.device)
    blocks = g.split(wide, 1)
    for i in range(len(blocks)):
      size = blocks[i].size(1)
      u = self.columns(us, i * wide, size)
      mean = self.moment(m, i * wide, size, mean_past)
      variance = self.moment(v, i * wide, size, variance_past).add_(float(inside))
      parts = blocks[i].split(rows, 0)
      for j in range(len(parts)):
        n = parts[j].size(0)
        root = roots.narrow(0, 0, n).narrow(1, 0, size)
        step = self.adam_step(
            parts[j], mean, variance, mean_now, variance_now, outside,
            steps.narrow(0, 0, n).narrow(1, 0, size), root)
        scores.narrow(0, j * rows, n).add_(self.score(step, u, root))
    return scores

  # Adds x [n, C] to the rows of a target named by places [n], from a column on.
  def add_rows(self, target: Tensor, places: Tensor, x: Tensor, column: str) -> List[Tensor]:
    part = target.narrow(1, int(column), x.size(1)).index_add_(0, places, x)
    return annotate(List[Tensor], [])

  # Count sketch [n, k] of x [n, C], whose first column is `lead` columns into a block of k. A
  # block is turned by its shift, so column c gathers c - shift; no two of a block meet.
  def sketch_rows(self, x: Tensor, signs: Tensor, shifts: Tensor, k: str, lead: str) -> Tensor:
    n = x.size(0)
    blocks = shifts.size(0)
    wide = torch.zeros([n, blocks * int(k)], device=x.device)
    part = wide.narrow(1, int(lead), x.size(1)).copy_(x).mul_(signs)
    place = torch.remainder(torch.arange(int(k), device=x.device) - shifts.unsqueeze(1), int(k))
    turned = wide.view([n, blocks, int(k)]).gather(2, place.unsqueeze(0).expand([n, -1, -1]))
    return turned.sum([1])

  # --- neighbours, called without autograd -------------------------------------------------

  # x [n, d] in whole numbers of a unit, up to 127 of them, int8 [n, d]; and [2], the unit and the
  # length of the longest row of what is left out.
  def in_eight_bits(self, x: Tensor) -> List[Tensor]:
    unit = torch.max(torch.amax(x), torch.neg(torch.amin(x))) / 127
    whole = torch.empty(x.size(), dtype=1, device=x.device)
    longest = torch.zeros_like(unit)
    parts = x.split(4096, 0)
    for i in range(len(parts)):
      near = (parts[i] / unit).round_()
      part = whole.narrow(0, i * 4096, near.size(0)).copy_(near)
      rest = near.mul_(unit).sub_(parts[i]).square_().sum([1])
      longest = torch.max(longest, rest.amax().sqrt_())
    return [whole, torch.stack([unit, longest])]

  # The type in which products of x's are added up.
  def sum_type(self, x: Tensor) -> int:
    return 3 if x.dtype == 1 else x.dtype

  # Of vectors v [n, d], the `rows` from the first on against blocks of those from the first on:
  # [p, 2], the block and the row of each of the p largest products of a row that exceed the floor.
  def rows_above(self, v: Tensor, first: str, rows: str, block: str, floor: str) -> Tensor:
    x = v.narrow(0, int(first), int(rows))
    blocks = v.narrow(0, int(first), v.size(0) - int(first)).split(int(block), 0)
    # The products of all blocks in the same memory: fresh memory takes longer than the product.
    space = torch.empty([int(rows) * int(block)], dtype=self.sum_type(v), device=v.device)
    most = annotate(List[Tensor], [])
    for i in range(len(blocks)):
      columns = blocks[i].size(0)
      products = space.narrow(0, 0, int(rows) * columns).view([int(rows), columns])
      if v.dtype == 1:
        products = torch._int_mm(x, blocks[i].t(), out=products)
      else:
        products = torch.mm(x, blocks[i].t(), out=products)
      most.append(products.amax([1]))
    # nonzero's result is not in memory order; DJL would read it by a copy that it leaves behind.
    return (torch.stack(most) > float(floor)).nonzero().contiguous()

  # [p, q]: the products of some of the vectors with others.
  def row_products(self, v: Tensor, some: Tensor, others: Tensor) -> Tensor:
    return self.product(v.index_select(0, some), v.index_select(0, others), None)
