// How numbers are written, and what is said about the page's state.
const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const SUBSCRIPT = "₀₁₂₃₄₅₆₇₈₉";

const minus = (text) => text.replace(/-/g, "−");

function number(value, digits = 3) {
  if (value === 0) return "0";
  if (Math.abs(value) < 0.5 * 10 ** -digits || Math.abs(value) >= 1e5) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    return minus(`${mantissa}·10`) + power(Number(exponent));
  }
  return minus(String(Number(value.toFixed(digits))));
}

const power = (exponent) => (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((d) => SUPERSCRIPT[d]).join("");

// A fraction as such while one can read it, else as a decimal.
function exact(pair) {
  const [top, bottom] = pair;
  if (bottom === 1) return minus(String(top));
  return bottom > 60 ? number(top / bottom) : minus(`${top}/${bottom}`);
}

// A ratio p : q; never with a minus on the right.
function proportion(pair) {
  if (pair === null) return "no value";
  const [top, bottom] = pair;
  return Math.max(Math.abs(top), bottom) > 99 ? `${number(top / bottom)}\u00a0:\u00a01` : minus(`${top}\u00a0:\u00a0${bottom}`);
}

const tenths = (value) => number(value / 10, 1);
const percent = (share) => (share >= 0.9995 || share === 0 || share >= 0.1 ? number(100 * share, 0) : number(100 * share, 1)) + "\u00a0%";
const list = (values) => `(${values.map((value) => number(value)).join(", ")})`;

const slopeNow = (state) => ({ bn: 20, relu: 0, leaky: state.a })[state.order];

const ORDERS = { bn: "BN alone", relu: "ReLU, then BN", leaky: "leaky ReLU, then BN" };

function slopeWords(state, c) {
  const side = (values) => values.map((value, k) => `y${SUBSCRIPT[k + 1]} ${number(value)}`).join(", ");
  const [left, right] = c.slopes;
  const here = slopeNow(state) === 20 ? "" : ` here, where ${c.active ? "all" : "none"} are active`;
  if (left.every((value, k) => value === right[k])) return left.every((value) => value === 0) ? `0 for every output${here}` : side(left);
  return `none: a sample stands at the wall. To the left: ${side(left)}; to the right: ${side(right)}`;
}

const meanOf = (values) => fraction(sum(values), values.length * UNIT);

function storedWords(state, c) {
  const start = exact(meanOf(c.f0));
  if (state.batches === 0) return `${start}, from training without the bias`;
  const way = c.batch.mean - c.batch0.mean;
  const share = way === 0 ? "" : `: ${percent((state.stored.mean - c.batch0.mean) / way)} of the way from ${start} to ${exact(meanOf(c.f))}`;
  return `${number(state.stored.mean)} after ${state.batches} ${state.batches === 1 ? "batch" : "batches"}${share}`;
}

// What γ and β could do, and what they could not.
function verdictWords(c) {
  const { gamma, beta, left, exact: all, share } = c.fit;
  const values = `γ = ${number(gamma)}, β = ${number(beta)}`;
  const one = (f) => f.every((value) => value === f[0]);
  if (one(c.f0) && one(c.f)) return "Nothing is left over: all outputs are equal, with the bias and without it, and β alone reaches them.";
  if (all && gamma === 1 && beta === 0) return `Nothing is left over: ${values}. There was nothing to do.`;
  if (all) return `Nothing is left over: ${values} do all that the bias does.`;
  const worst = left.reduce((best, value, k) => (Math.abs(value) > Math.abs(left[best]) ? k : best), 0);
  const most = `${number(Math.abs(left[worst]))} is left over at sample ${worst + 1}`;
  if (one(c.f0)) return `${most}: without the bias all outputs are equal, and γ has nothing to stretch.`;
  const ratios = c.ratios.includes(null) ? "" : ` They keep the ratio ${proportion(c.ratios[0])}, and now it is ${proportion(c.ratios[1])}.`;
  return `${most}, ${percent(share)} of the variance, and no γ and β leave less.${ratios}`;
}

function subtractedWords(state, c) {
  if (state.mode === "train") return exact(meanOf(c.f));
  return state.batches ? number(c.used.mean) : exact(meanOf(c.f0));
}

function summaryWords(state, c, veiled) {
  const where = state.mode === "train" ? "training" : "evaluation";
  const parts = [`${ORDERS[state.order]}, ${where}, b = ${tenths(state.b)}.`, `Before: ${list(c.h.map((h) => h / 10))}.`];
  if (state.order !== "bn") parts.push(`After the activation: ${list(c.f.map((f) => f / UNIT))}.`);
  parts.push(`Mean subtracted: ${subtractedWords(state, c)}.`);
  parts.push(veiled ? "Normalised: hidden until you predict." : `Normalised: ${list(c.y)}; without the bias: ${list(c.y0)}.`);
  return parts.join(" ");
}
