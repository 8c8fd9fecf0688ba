"""Names that do not exist, of commands, theorems and examples: the arguments, and words of the message. Each ends with code 2."""

from __future__ import annotations

T1 = "bias_cancels_of_batch_statistics"

NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("proove",), ("'proove'", "'prove'", "bnproof --help")),
    (("Prove", "conv"), ("'Prove'", "'prove'")),
    (("chekc",), ("'chekc'", "'check'")),
    (("help",), ("'help'",)),
    (("",), ("''",)),
    ((" ",), ("' '",)),
    (("🙂",), ("🙂",)),
    (("\x1b[31mred",), ("\\x1b[31mred",)),
    (("prove; ls",), ("prove; ls",)),
    (("--version", "nosuch"), ("nosuch",)),
    (("prove", "bias_cancel"), ("no theorem `bias_cancel`", T1)),
    (("prove", T1[:-1]), (f"`{T1[:-1]}`", T1)),
    (("prove", f"{T1}_"), (f"`{T1}_`", T1)),
    (("prove", "a_b"), ("`a_b`", "bnproof theorems")),
    (("prove", "_"), ("`_`",)),
    (("prove", "__init__"), ("`__init__`",)),
    (("prove", "x" * 300 + "_"), ("x" * 300,)),
    (("prove", T1.upper()), (T1.upper(),)),
    (("prove", T1.replace("_", "-")), ("-",)),
    (("prove", f"{T1}.py"), (f"{T1}.py",)),
    (("prove", f"../theorems/{T1}"), (f"../theorems/{T1}",)),
    (("prove", "S5"), ("`S5`", "S0")),
    (("prove", "S99"), ("`S99`",)),
    (("prove", "s" + "9" * 300), ("9" * 300,)),
    (("prove", "S"), ("S",)),
    (("prove", "S0.z"), ("S0.z",)),
    (("theorems", T1), (T1,)),
    (("claims", "S0.a"), ("S0.a",)),
    (("--install-completion", "tcsh"), ("`tcsh`", "bash, zsh, fish")),
    (("--show-completion", ""), ("``", "bash, zsh, fish")),
    (("--show-completion", "bahs"), ("`bahs`", "did you mean bash?")),
    (("--show-completion", "\x1bsh"), ("\\x1bsh",)),
)
