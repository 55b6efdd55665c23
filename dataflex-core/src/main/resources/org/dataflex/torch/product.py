
  # --- appended to ops.py where PyTorch has no oneDNN ---------------------------------------

  # x W' + b
  def product(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return torch.linear(x, weight, bias)

  # Whether bfloat16 products are faster than float32 ones where x is: [], 1 or 0.
  def has_fast_bfloat16(self, x: Tensor) -> Tensor:
    return torch.full([], float(x.is_cuda))
