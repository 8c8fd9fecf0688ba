"""What is asked of XLA for a GPU, what happens where it refuses, and which kernels a program's text tells."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from bnproof.numeric.compiling import ASKED, UNSETTLED, ask_for_determinism, chosen, compiled, kernels, settings

GPU = """
  %conv.1 = (f32[1,32,32,8]{3,2,1,0}, u8[0]{0}) custom-call(%a, %b), window={size=3x3 pad=1_1x1_1}, dim_labels=b01f_o01i->b01f, \
custom_call_target="__cudnn$convForward", metadata={op_name="jit(f)/conv"}, backend_config={"operation_queue_id":"0",\
"cudnn_conv_backend_config":{"conv_result_scale":1,"algorithm":{"algo_id":"28","math_type":"TENSOR_OP_MATH",\
"tuning_knobs":{"3":"0"},"is_cudnn_frontend":true,"workspace_size":"0"}},"force_earliest_schedule":false}
  %gemm.1 = (f32[8,8]{1,0}, s8[0]{0}) custom-call(%p, %q), custom_call_target="__cublas$lt$matmul", backend_config={"gemm_backend_config"\
:{"alpha_real":1,"precision_config":{"operand_precision":["HIGHEST","HIGHEST"],"algorithm":"ALG_UNSET"},"selected_algorithm":"7"}}
  %gemm.2 = (f32[8,8]{1,0}, s8[0]{0}) custom-call(%p, %r), custom_call_target="__cublas$lt$matmul", backend_config={"gemm_backend_config"\
:{"precision_config":{"algorithm":"ALG_UNSET"}}}
  %fusion.1 = f32[8]{0} fusion(%p), kind=kCustom, calls=%c, backend_config={"fusion_backend_config":{"kind":"__triton_gemm","x":[1]}}
  %fusion.2 = f32[8]{0} fusion(%p), kind=kLoop, calls=%d, backend_config={"fusion_backend_config":{"kind":"__loop"}}
  %s.1 = f32[8]{0} custom-call(%p), custom_call_target="Sharding"
  %l.1 = (f32[8,8]{0,1}, s32[]) custom-call(%m), custom_call_target="lapack_spotrf_ffi", backend_config={uplo = 76 : ui8}
  %fusion.3 = f32[8]{0} fusion(%p), kind=kCustom, calls=%e
"""


def test_kernels_with_their_algorithms() -> None:
    assert kernels(GPU) == (
        "__cublas$lt$matmul",
        "__cublas$lt$matmul, algorithm 7",
        "__cudnn$convForward, algorithm 28, TENSOR_OP_MATH",
        "__triton_gemm",
        "custom fusion",
        "lapack_spotrf_ffi",
    )
    assert kernels(None) == kernels("") == ()


def test_a_program_of_this_machine() -> None:
    def cholesky(x: Any) -> Any:
        return jnp.linalg.cholesky(x)

    program, found = compiled(jax.jit(cholesky).lower(jnp.eye(4)))
    assert any("potrf" in name for name in found)
    assert set(found) <= set(chosen())
    assert jnp.allclose(program(jnp.eye(4)), jnp.eye(4))


class Lowered:
    """A program that XLA refuses to compile deterministically."""

    def __init__(self, message: str) -> None:
        self.message, self.options = message, list[Any]()

    def compile(self, compiler_options: Any = None) -> Any:
        self.options.append(compiler_options)
        if compiler_options is None:
            raise RuntimeError(self.message)
        return self

    def as_text(self) -> str:
        return GPU


def test_determinism_is_given_up_where_xla_has_none_and_it_is_said() -> None:
    refused = Lowered(
        "UNIMPLEMENTED: HLO instruction select-and-scatter.4 does not have a deterministic implementation, but run-to-run "
        "determinism is required."
    )
    program, found = compiled(refused)
    assert program is refused
    assert refused.options == [None, {"xla_gpu_exclude_nondeterministic_ops": False}]
    assert found[-1] == UNSETTLED
    other = Lowered("RESOURCE_EXHAUSTED: out of memory")
    with pytest.raises(RuntimeError, match="RESOURCE_EXHAUSTED"):
        compiled(other)
    assert other.options == [None]


def test_what_is_given_up_is_an_option_that_this_jax_knows() -> None:
    def pooled(x: Any) -> Any:
        return lax.reduce_window(x, -jnp.inf, lax.max, (2,), (2,), "VALID").sum()

    lowered = jax.jit(jax.grad(pooled)).lower(jnp.ones(8))
    assert lowered.compile(compiler_options={"xla_gpu_exclude_nondeterministic_ops": False})(jnp.ones(8)).sum() == 4
    with pytest.raises(Exception, match="xla_gpu_no_such_option"):
        lowered.compile(compiler_options={"xla_gpu_no_such_option": False})


def test_flags_are_added_to_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_autotune_level=2 --xla_dump_to=there")
    ask_for_determinism()
    ask_for_determinism()
    assert os.environ["XLA_FLAGS"] == (
        "--xla_gpu_autotune_level=2 --xla_dump_to=there --xla_gpu_exclude_nondeterministic_ops=true"
    )
    assert settings()["XLA_FLAGS"] == os.environ["XLA_FLAGS"]
    monkeypatch.delenv("XLA_FLAGS")
    ask_for_determinism("cpu")
    assert "XLA_FLAGS" not in os.environ
    ask_for_determinism()
    assert os.environ["XLA_FLAGS"] == " ".join(f"--{name}={value}" for name, value in ASKED.items())


def test_the_flags_are_known_to_this_jax() -> None:
    """XLA ends the process over a flag that it does not know."""
    code = (
        "from bnproof.numeric.compiling import ask_for_determinism\nask_for_determinism()\n"
        "import jax\nprint(jax.jit(lambda x: x + 1)(1.0))"
    )
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr
    wrong = f"import os\nos.environ['XLA_FLAGS'] = '--xla_gpu_no_such_flag=true'\n{code}"
    done = subprocess.run([sys.executable, "-c", wrong], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
