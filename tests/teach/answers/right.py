"""Right answers: (exercise, lines). Several go different ways to the same end."""

RIGHT: dict[str, tuple[str, tuple[str, ...]]] = {
    "as in the book": (
        "mean-moves",
        ("mu_at(b)", "1/n * sum(i, z[i] + b)", "1/n * (sum(i, z[i]) + n*b)", "mu_at(0) + b"),
    ),
    "a mean of means": ("mean-moves", ("mu_at(b)", "mean(j, z[j]) + mean(j, b)", "b + mu_at(0)")),
    "from the end": ("mean-moves", ("mu_at(0) + b", "(n*mean(i, z[i]) + n*b)/n", "mean(i, z[i] + b)")),
    "by a difference": (
        "mean-moves",
        ("mu_at(b)", "mu_at(0) + (mu_at(b) - mu_at(0))", "mu_at(0) + mean(l, z[l] + b - z[l])", "mu_at(0) + b"),
    ),
    "Greek letters and signs": ("mean-moves", ("μ(b)", "sum(i, z[i] + b) ÷ n", "μ(0) − (−b)", "μ(0) + b")),
    "centred sums": (
        "centred-value",
        ("z[k] + b - mu_at(b)", "z[k] + b - (mu_at(0) + b)", "z[k] - mu_at(0)"),
    ),
    "an average of differences": (
        "centred-value",
        ("z[k] + b - mu_at(b)", "mean(j, (z[k] + b) - (z[j] + b))", "mean(j, z[k] - z[j])", "z[k] - mu_at(0)"),
    ),
    "by squares": (
        "variance-stays",
        (
            "v_at(b)",
            "mean(i, (z[i] + b)^2) - mu_at(b)^2",
            "mean(i, z[i]²) + 2·b·mu_at(0) + b² − (mu_at(0) + b)²",
            "mean(i, z[i]**2) - mu_at(0)**2",
            "v_at(0)",
        ),
    ),
    "by pairs": (
        "variance-stays",
        (
            "v_at(b)",
            "sum(i, sum(j, ((z[i] + b) - (z[j] + b))**2))/(2*n**2)",
            "sum(i, sum(j, (z[i] - z[j])**2))/(2*n**2)",
            "v_at(0)",
        ),
    ),
    "var": ("variance-stays", ("v_at(b)", "var(l, z[l])", "v_at(0)")),
    "output": ("output-stays", ("y_at(k, b)", "gamma*(z[k] - mu_at(0))/s_at(0) + beta", "y_at(k, 0)")),
    "Greek output": ("output-stays", ("y_at(k, b)", "β + γ·(z[k] + b − μ(b))/√(v_at(0) + ε)", "y_at(k, 0)")),
    "centred sum": ("centred-sum", ("sum(i, xhat(i))", "(sum(i, z[i]) - n*mu)/s", "(n*mu - n*mu)/s", "0")),
    "one pass": (
        "variance-in-one-pass",
        ("v", "mean(i, z[i]**2 - 2*mu*z[i] + mu**2)", "mean(i, z[i]**2) - 2*mu*mu + mu**2", "mean(i, z[i]**2) - mu**2"),
    ),
    "shift": (
        "shift-takes-over",
        (
            "y_eval(k, b, M, beta)",
            "gamma*(z[k] - M)/sqrt(V + eps) + (beta + gamma*b/sqrt(V + eps))",
            "y_eval(k, 0, M, beta + gamma*b/sqrt(V + eps))",
        ),
    ),
    "stored": (
        "eval-shift",
        ("y_stored(k, b, M) - y_stored(k, 0, M)", "gamma*((z[k] + b - M) - (z[k] - M))/sqrt(V + eps)", "gamma*b/sqrt(V + eps)"),
    ),
    "softmax by shares": (
        "softmax",
        (
            "exp(z[l] + b)/sum(i, exp(z[i] + b))",
            "1/sum(i, exp((z[i] + b) - (z[l] + b)))",
            "1/sum(i, exp(z[i] - z[l]))",
            "exp(z[l])/sum(i, exp(z[i]))",
        ),
    ),
    "gradient by the outputs": (
        "bias-gradient",
        (
            "diff(sum(j, g[j]*y_at(j, b)), b)",
            "sum(j, g[j]*diff(y_at(j, b), b))",
            "sum(j, g[j]*diff(y_at(j, 0), b))",
            "sum(j, g[j]*0)",
            "0",
        ),
    ),
    "gradient by the chain rule": (
        "bias-gradient",
        (
            "diff(sum(j, g[j]*y_at(j, b)), b)",
            "sum(i, dz(i))",
            "gamma/(n*s)*(n*sum(i, g[i]) - n*sum(j, g[j]) - sum(i, xhat(i))*sum(j, g[j]*xhat(j)))",
            "0",
        ),
    ),
    "relu": ("relu-mean", ("rm", "(sum(i, chi[i]*z[i]) + b*sum(i, chi[i]))/n", "(Z + m*b)/n", "Z/n + m*b/n")),
    "attention": (
        "attention",
        (
            "attention(jkey)",
            "exp(bare_score(jkey))*exp(score_shift)/sum(kkey, exp(bare_score(kkey))*exp(score_shift))",
            "bare_attention(jkey)",
        ),
    ),
}
