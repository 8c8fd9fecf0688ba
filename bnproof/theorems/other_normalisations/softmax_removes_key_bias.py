"""The softmax over the keys removes the bias of the keys, if these are neither rotated nor normalised after it.

Statement: softmax_j(q·(k_j + B)) = softmax_j(q·k_j) for every query q and every B.
"""

from __future__ import annotations

from ...symbolic.inferences import chain, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

THEOREM = Theorem(
    name="softmax_removes_key_bias",
    title="The softmax over keys removes the key bias",
    statement="Let a query {query[feat]} attend to {T} keys {key[jkey, feat]}, each with the same bias {kbias[feat]} added, "
    "by the softmax of {key_score(jkey)}. The bias adds the same number to every score, {key_score(jkey) == bare_score(jkey) "
    "+ score_shift}, and the weights do not see it: {attention(jkey) == bare_attention(jkey)}. Likewise no softmax sees a "
    "number {b} that is added to all that it compares: {exp(z[l] + b)/sum(i, exp(z[i] + b)) == exp(z[l])/sum(i, exp(z[i]))}.",
    hypotheses=(
        Hypothesis("The keys are not rotated by their position (rotary embeddings).",
            witness("Two keys with values 0 and bias 1, 0. The first is not rotated, the second by the rotation with "
                    "cosine {3/5} and sine {4/5}. The query is 1, 0. Without the bias both scores are 0 and both weights "
                    "{1/2}; with it the scores are 1 and {3/5}.",
                    {"T": 2, "Fkey": 2, "query": (1, 0), "key": ((0, 0), (0, 0)), "kbias": (1, 0)}, """
              key_score(1) == 1
              query[1]*(3/5*kbias[1] - 4/5*kbias[2]) + query[2]*(4/5*kbias[1] + 3/5*kbias[2]) == 3/5
              exp(1)/(exp(1) + exp(3/5)) != 1/2
            """)),
        Hypothesis("The keys are not normalised between bias and score.",
            witness("Keys divided by their lengths, query 1, 0: the bias 0, 3 takes the keys 4, 0 and 0, 1 to 4, 3 and 0, 4. "
                    "The difference of the two scores falls from 1 to {4/5}.",
                    {"T": 2, "Fkey": 2, "query": (1, 0), "key": ((4, 0), (0, 1)), "kbias": (0, 3)}, """
              bare_cosine(1) - bare_cosine(2) == 1
              cosine(1) - cosine(2) == 4/5
            """)),
        Hypothesis("Every key that the softmax sees carries the bias: no extra key of zeros is appended.",
            witness("One key with value 0, bias 1, query 1, and an appended key whose score is "
                    "0: the weight of the first was {1/2}.",
                    {"T": 1, "Fkey": 1, "query": (1,), "key": ((0,),), "kbias": (1,)}, """
              exp(bare_score(1))/(exp(bare_score(1)) + exp(0)) == 1/2
              exp(key_score(1))/(exp(key_score(1)) + exp(0)) != 1/2
            """)),
        Hypothesis("The bias is added to the keys, not to the query.",
            witness("A bias 1 on the query 0 adds 0 to the score of the key 0, and 1 to that of the key 1.",
                    {"T": 2, "Fkey": 1, "query": (0,), "key": ((0,), (1,)), "b": 1}, """
              (query[1] + b)*key[1, 1] == 0
              (query[1] + b)*key[2, 1] == 1
            """)),
    ),
    conclusions=(
        Conclusion("key_score(jkey) == bare_score(jkey) + score_shift"),
        Conclusion("attention(jkey) == bare_attention(jkey)"),
        Conclusion("exp(z[l] + b)/sum(i, exp(z[i] + b)) == exp(z[l])/sum(i, exp(z[i]))"),
    ),
    proof=(
        chain("score", "The bias adds the same number to the score of every key.", """
          key_score(jkey)
        = sum(feat, query[feat]*key[jkey, feat]) + sum(feat, query[feat]*kbias[feat])  -- a sum of sums
        = bare_score(jkey) + score_shift  -- {score_shift} does not depend on the key
        """),
        chain("weight", "The exponential turns it into a common factor, which cancels.", """
          attention(jkey)
        = exp(bare_score(jkey) + score_shift)/sum(kkey, exp(bare_score(kkey) + score_shift))  -- the scores
        = exp(score_shift)*exp(bare_score(jkey))/(exp(score_shift)*sum(kkey, exp(bare_score(kkey))))
            -- the exponential of a sum is a product
        = bare_attention(jkey)                                                                -- cancel {exp(score_shift)}
        """),
        chain("scalar", "The same holds for one number {b} added to everything that a softmax compares.", """
          exp(z[l] + b)/sum(i, exp(z[i] + b))
        = exp(b)*exp(z[l])/(exp(b)*sum(i, exp(z[i])))  -- the exponential of a sum is a product
        = exp(z[l])/sum(i, exp(z[i]))                  -- cancel {exp(b)}
        """),
    ),
    sources=("unilm issue 510", "EVA issue 53", "SparseInst issue 57"),
    definitions=definitions(
        ("key_score(jkey)", "sum(feat, query[feat]*(key[jkey, feat] + kbias[feat]))", "s_{#1}(B)", "s_#1(B)",
         "the score of a key with the bias"),
        ("bare_score(jkey)", "sum(feat, query[feat]*key[jkey, feat])", "s_{#1}", "s_#1", "the score of a key without the bias"),
        ("score_shift", "sum(feat, query[feat]*kbias[feat])", r"\Delta", "Δ", "what the bias adds to a score"),
        ("attention(jkey)", "exp(key_score(jkey))/sum(kkey, exp(key_score(kkey)))", "a_{#1}(B)", "a_#1(B)",
         "the attention weight of a key with the bias"),
        ("bare_attention(jkey)", "exp(bare_score(jkey))/sum(kkey, exp(bare_score(kkey)))", "a_{#1}", "a_#1",
         "the attention weight of a key without the bias"),
        ("cosine(jkey)",
         "sum(feat, query[feat]*(key[jkey, feat] + kbias[feat]))/sqrt(sum(feat, (key[jkey, feat] + kbias[feat])**2))",
         r"\tilde s_{#1}(B)", "s̃_#1(B)", "the score of a normalised key with the bias"),
        ("bare_cosine(jkey)", "sum(feat, query[feat]*key[jkey, feat])/sqrt(sum(feat, key[jkey, feat]**2))", r"\tilde s_{#1}",
         "s̃_#1", "the score of a normalised key without the bias"),
    ),
    remark="A factor such as one over the root of {Fkey} is part of the query. Masked keys are not counted among the {T}. Another "
    "query has another {score_shift}, but each softmax belongs to one query.",
)
