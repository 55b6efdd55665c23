
  # --- appended to ops.py where PyTorch has no oneDNN ---------------------------------------

  # x W' + b
  def product(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return torch.linear(x, weight, bias)

  # Whether x's processor has the wide integer products that come with AVX-512: [], 1 or 0.
  def has_wide_integers(self, x: Tensor) -> Tensor:
    return torch.full([], 0.)
