
  # --- appended to ops.py where PyTorch has oneDNN ------------------------------------------

  # x W' + b. oneDNN multiplies float32 up to twice as fast as PyTorch's own choice, but without a
  # gradient; it orders a matrix anew for each product, which few rows do not repay.
  def product(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    recorded = torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad)
    is_float32 = x.dtype == 6 and weight.dtype == 6
    if recorded or not is_float32 or not x.is_cpu or x.numel() < 64 * weight.size(1):
      return torch.linear(x, weight, bias)
    none = annotate(List[Optional[number]], [])
    return ops.mkldnn._linear_pointwise(x, weight, bias, "none", none, "")

  # Whether x's processor has the wide integer products that come with AVX-512: [], 1 or 0.
  def has_wide_integers(self, x: Tensor) -> Tensor:
    return torch.full([], float(x.is_cpu and ops.mkldnn._is_mkldnn_bf16_supported()))
