"""Texts of compiled programs, in the form that GPUs' have them too."""

from __future__ import annotations

HEAD = "HloModule jit_f, is_scheduled=true, entry_computation_layout={()->f32[]}\n"
ADD = """
%plus (a: f32[], b: f32[]) -> f32[] {
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  ROOT %sum = f32[] add(%a, %b), metadata={op_name="jit(f)/reduce_sum"}
}
"""
TRITON = (
    'backend_config={"fusion_backend_config":{"kind":"__triton","block_level_fusion_config":{"num_warps":"1"}},'
    '"force_earliest_schedule":false}'
)
CUDNN = (
    'window={size=1x1}, dim_labels=bf01_oi01->bf01, custom_call_target="__cudnn$convForward", '
    'backend_config={"cudnn_conv_backend_config":{"algorithm":{"algo_id":"28","tuning_knobs":{"2":"3"}}}}'
)
TREE = (
    HEAD
    + ADD
    + """
%rows (numbers: f32[100000]) -> f32[317] {
  %numbers = f32[100000]{0} parameter(0)
  %nothing = f32[] constant(0)
  %longer = f32[100172]{0} pad(%numbers, %nothing), padding=0_172
  %table = f32[316,317]{1,0} bitcast(%longer)
  ROOT %columns = f32[317]{0} reduce(%table, %nothing), dimensions={0}, to_apply=%plus
}

%rest (part: f32[317]) -> f32[] {
  %part = f32[317]{0} parameter(0)
  %none = f32[] constant(0)
  ROOT %all = f32[] reduce(%part, %none), dimensions={0}, to_apply=%plus
}

ENTRY %main (x: f32[100000]) -> f32[] {
  %x = f32[100000]{0} parameter(0), metadata={op_name="x"}
  %first = f32[317]{0} fusion(%x), kind=kInput, calls=%rows, backend_config={"operation_queue_id":"0"}
  ROOT %second = f32[] fusion(%first), kind=kInput, calls=%rest
}
"""
)
"""A sum of 100,000 numbers as 316 rows of 317, with padding."""
SOFTMAX = (
    HEAD
    + ADD
    + """
%block (logits: f32[64,300]) -> f32[64,300] {
  %logits = f32[64,300]{1,0} parameter(0)
  %grown = f32[64,300]{1,0} exponential(%logits)
  %start = f32[] constant(0)
  %whole = f32[64]{0} reduce(%grown, %start), dimensions={1}, to_apply=%plus
  %again = f32[64,300]{1,0} broadcast(%whole), dimensions={0}
  ROOT %share = f32[64,300]{1,0} divide(%grown, %again)
}

ENTRY %main (x: f32[64,300]) -> f32[64,300] {
  %x = f32[64,300]{1,0} parameter(0)
  ROOT %made = f32[64,300]{1,0} fusion(%x), kind=kCustom, calls=%block, TRITON
}
""".replace("TRITON", TRITON)
)
"""A softmax in one kernel of a generator of kernels."""
SEVERAL = (
    HEAD
    + """
%both (a: f32[], b: f32[], c: f32[], d: f32[]) -> (f32[], f32[]) {
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  %c = f32[] parameter(2)
  %d = f32[] parameter(3)
  %one = f32[] add(%a, %c)
  %most = f32[] maximum(%b, %d)
  ROOT %pair = (f32[], f32[]) tuple(%one, %most)
}

%fused (image: f32[8,16,16,4], last: f32[8,16,16,4]) -> (f32[4], f32[4]) {
  %image = f32[8,16,16,4]{3,2,1,0} parameter(0)
  %last = f32[8,16,16,4]{3,2,1,0} parameter(1)
  %start = f32[] constant(0)
  %low = f32[] constant(-inf)
  ROOT %found = (f32[4]{0}, f32[4]{0}) reduce(%image, %last, %start, /*index=3*/%low), dimensions={0,1,2}, to_apply=%both
}

ENTRY %main (x: f32[8,4,16,16], w: f32[4,4,1,1]) -> f32[4] {
  %x = f32[8,4,16,16]{1,3,2,0} parameter(0)
  %w = f32[4,4,1,1]{1,3,2,0} parameter(1)
  %called = (f32[8,4,16,16]{1,3,2,0}, u8[0]{0}) custom-call(%x, %w), CUDNN
  %y = f32[8,4,16,16]{1,3,2,0} get-tuple-element(%called), index=0
  %seen = f32[8,16,16,4]{3,2,1,0} bitcast(%y)
  %results = (f32[4]{0}, f32[4]{0}) fusion(%seen, %seen), kind=kInput, calls=%fused
  ROOT %total = f32[4]{0} get-tuple-element(%results), index=0
}
""".replace("CUDNN", CUDNN)
)
"""A convolution by a library, and a sum and a maximum of its result in one reduction."""
ROUNDED = (
    HEAD
    + """
%plus (a: f32[], b: f32[]) -> f32[] {
  %a = f32[] parameter(0)
  %b = f32[] parameter(1)
  %sum = f32[] add(%a, %b)
  %stored = bf16[] convert(%sum)
  ROOT %loaded = f32[] convert(%stored)
}

ENTRY %main (x: bf16[256,8]) -> bf16[8] {
  %x = bf16[256,8]{1,0} parameter(0)
  %start = f32[] constant(0)
  %wide = f32[256,8]{1,0} convert(%x)
  %total = f32[8]{0} reduce(%wide, %start), dimensions={0}, to_apply=%plus
  ROOT %result = bf16[8]{0} convert(%total)
}
"""
)
"""A sum in bfloat16: formed in float32 and rounded after each addition."""
