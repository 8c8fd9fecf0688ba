// The page's own arithmetic against exact instances, which a program computed with fractions and put into this file.

// The nearest number to an exact "p/q", however long its digits are.
function parsed(text) {
  const [top, bottom = "1"] = text.split("/");
  const [p, q] = [BigInt(top), BigInt(bottom)];
  const digits = 10n ** 40n;
  return Number((p * digits) / q) / 1e40;
}

// An exact value is a fraction, or a sign and a square.
const exactly = (value) => (typeof value === "string" ? parsed(value) : value[0] * Math.sqrt(parsed(value[1])));

const isZero = (value) => (typeof value === "string" ? value === "0" : value[0] === 0);

const written = (value) => (value === null ? null : value[1] === 1 ? `${value[0]}` : `${value[0]}/${value[1]}`);

// Where the page's arithmetic differs from an instance: a list of sentences, empty if nowhere.
// Rational answers must be the same fraction and exact zeros must be 0; others hold a root, and rounding is left for
// a few dozen operations on numbers of the size of `scale`.
function differences(instance) {
  const start = statistics(activations(instance.z, 0, instance.a));
  const stored = instance.batches.reduce(
    (before, [b, momentum]) => ticked(before, statistics(activations(instance.z, b, instance.a)), momentum),
    start,
  );
  const got = computed({ ...instance, logEps: instance.log_eps, stored });
  const scale = 1 + 10 / got.root;
  const found = [];
  const same = (name, left, right) => {
    if (left !== right) found.push(`${name}: ${left} here, exactly ${right}`);
  };
  const near = (name, left, right, free) => {
    const wrong = isZero(right) && !free ? left !== 0 : !(Math.abs(left - exactly(right)) <= 1e-13 * scale);
    if (wrong) found.push(`${name}: ${left} here, exactly ${right}`);
  };
  const stale = instance.mode === "eval"; // a stored mean is a rounded number, so is what is left of a value without it
  same("active", got.active, instance.active);
  same("shift of the mean", written(got.shift), instance.mean_shift);
  instance.ratios.forEach((value, k) => same("ratio", written(got.ratios[k]), value));
  near("stored mean", stored.mean, instance.stored[0], true);
  near("stored variance", stored.variance, instance.stored[1], true);
  same("outputs", got.y.length, instance.y.length);
  instance.y.forEach((value, k) => near(`y${k + 1}`, got.y[k], value, stale));
  got.slopes.forEach((side, s) =>
    side.forEach((value, k) => near(`slope of y${k + 1}`, value, (instance.slopes[s] ?? instance.slopes[0])[k], false)),
  );
  near("γ", got.fit.gamma, instance.gamma, false);
  near("β", got.fit.beta, instance.beta, true);
  instance.left.forEach((value, k) => near(`left of y${k + 1}`, got.fit.left[k], value, false));
  same("nothing left", got.fit.exact, instance.left.every(isZero));
  same("share left is a number", got.fit.share === null, instance.share_left === null);
  if (instance.share_left !== null && got.fit.share !== null) near("share left", got.fit.share, instance.share_left, false);
  return found.map((words) => `z = ${instance.z}, b = ${instance.b}, a = ${instance.a}, ${instance.mode}: ${words}`);
}

const allDifferences = (instances) => instances.flatMap(differences);
