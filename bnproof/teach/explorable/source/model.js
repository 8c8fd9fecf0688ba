// The arithmetic. What is rational is kept in whole numbers, so that "nothing is left" means exactly nothing:
// samples z and bias b in tenths, the slope a of the activation below 0 in twentieths, hence activations in 200ths.
const UNIT = 200;

const sum = (values) => values.reduce((total, value) => total + value, 0);
const dot = (left, right) => sum(left.map((value, k) => value * right[k]));

function gcd(left, right) {
  return right === 0 ? Math.abs(left) : gcd(right, left % right);
}

// A fraction in lowest terms, as [numerator, denominator > 0]; null where the denominator is 0.
function fraction(top, bottom) {
  if (bottom === 0) return null;
  const common = gcd(top, bottom) * Math.sign(bottom);
  return [top / common + 0, bottom / common];
}

const activated = (h, a) => (h > 0 ? 20 * h : a * h);

function slopeAt(h, a, side) {
  return h > 0 || (h === 0 && side > 0) ? 20 : a;
}

// n times each value minus the sum: whole numbers, n·UNIT of them to 1.
function centred(values) {
  const total = sum(values);
  return values.map((value) => values.length * value - total);
}

// Mean and variance of the activations, as numbers.
function statistics(values) {
  const n = values.length;
  return { mean: sum(values) / (n * UNIT), variance: dot(centred(values), centred(values)) / (n * (n * UNIT) ** 2) };
}

const activations = (z, b, a) => z.map((value) => activated(value + b, a));

// The stored statistics after one more batch; momentum is the share of the new batch, in hundredths.
function ticked(stored, batch, momentum) {
  const share = momentum / 100;
  return {
    mean: stored.mean + share * (batch.mean - stored.mean),
    variance: stored.variance + share * (batch.variance - stored.variance),
  };
}

// (y2 − y1) : (y3 − y1): normalisation leaves it alone, so the activations have the same one.
const ratio = (values) => fraction(values[1] - values[0], values[2] - values[0]);

// ∂y/∂b of every output, from the left (side < 0) or from the right.
function derivatives(h, f, a, side, mode, square) {
  const n = h.length;
  const slopes = h.map((value) => slopeAt(value, a, side));
  if (mode === "eval") return slopes.map((slope) => slope / 20 / Math.sqrt(square));
  const c = centred(f);
  const e = centred(slopes);
  const eps = square - statistics(f).variance;
  return c.map((value, k) => {
    const whole = e[k] * dot(c, c) - value * dot(c, e);
    return (whole / (20 * n * n * (n * UNIT) ** 2) + (e[k] / (20 * n)) * eps) / square ** 1.5;
  });
}

// The γ and β that take the outputs without a bias nearest to those with it, and what they leave over.
function fit(f0, f, subtracted, root, root0) {
  const c0 = centred(f0);
  const c = centred(f);
  const spread0 = dot(c0, c0);
  const spread = dot(c, c);
  const common = dot(c, c0);
  const whole = spread0 === 0 ? c : c.map((value, k) => value * spread0 - c0[k] * common);
  const scale = (spread0 === 0 ? 1 : spread0) * f.length * UNIT * root;
  // 1 minus the squared correlation; both spreads are whole numbers
  const share = spread === 0 ? null : spread0 === 0 ? 1 : dot(whole, whole) / spread0 ** 2 / spread;
  return {
    gamma: spread0 === 0 ? 0 : ((common / spread0) * root0) / root,
    beta: (sum(f) / (f.length * UNIT) - subtracted) / root,
    left: whole.map((value) => value / scale),
    exact: whole.every((value) => value === 0),
    share,
  };
}

// Everything the page shows, from the position of its controls.
function computed({ z, b, a, logEps, mode, stored }) {
  const n = z.length;
  const eps = Number(`1e${logEps}`);
  const h0 = z;
  const h = z.map((value) => value + b);
  const f0 = activations(z, 0, a);
  const f = activations(z, b, a);
  const batch0 = statistics(f0);
  const batch = statistics(f);
  const used = mode === "train" ? batch : stored;
  const square = used.variance + eps;
  const root = Math.sqrt(square);
  const root0 = Math.sqrt(batch0.variance + eps);
  const c = centred(f);
  return {
    h0, h, f0, f, eps, batch0, batch, used, root,
    active: h.filter((value) => value > 0).length,
    active0: h0.filter((value) => value > 0).length,
    kink: a !== 20 && h.some((value) => value === 0),
    shift: fraction(sum(f) - sum(f0), n * UNIT),
    ratios: [ratio(f0), ratio(f)],
    y0: centred(f0).map((value) => value / (n * UNIT) / root0),
    y: mode === "train" ? c.map((value) => value / (n * UNIT) / root) : f.map((value) => (value / UNIT - used.mean) / root),
    slopes: [-1, 1].map((side) => derivatives(h, f, a, side, mode, square)),
    fit: fit(f0, f, used.mean, root, root0),
  };
}
