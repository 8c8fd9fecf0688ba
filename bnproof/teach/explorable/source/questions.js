// The questions, in the order of the lesson. `at` is where the controls stand; the answer is worded from what is computed there.
const QUESTIONS = [
  {
    title: "Batch normalisation alone",
    at: { order: "bn", mode: "train" },
    text: "The bias goes from 0 to 2, and batch normalisation with the batch’s own mean and variance follows. Where do the three normalised values go?",
    options: ["All three go right by 2", "All three go right, but by less than 2", "Nowhere"],
    right: 2,
    answer: (c) =>
      `The mean moves from ${exact(meanOf(c.f0))} to ${exact(meanOf(c.f))}, by as much as every value, and it is what is subtracted. The dots stay in their rings wherever you drag the bias, and ∂y/∂b is 0.`,
  },
  {
    title: "With a ReLU before it",
    at: { order: "relu", mode: "train" },
    text: "Now a ReLU comes first: what is below 0 becomes 0. The bias goes from 0 to 2 again. What do the normalised values do?",
    options: ["They stay: here too the mean is subtracted", "All three move by the same amount", "Each moves by another amount"],
    right: 2,
    answer: (c) =>
      `They move by ${c.y.map((y, k) => number(y - c.y0[k])).join(", ")}. Sample 1 stood behind the wall and has moved by ${number((c.f[0] - c.f0[0]) / UNIT)} only, the others by ${number((c.f[1] - c.f0[1]) / UNIT)}: the distances are no longer ${proportion(c.ratios[0])}, they are ${proportion(c.ratios[1])}.`,
  },
  {
    title: "Let γ and β try",
    at: { order: "relu", mode: "train" },
    fit: true,
    text: "Batch normalisation ends with γ·y + β, and both are learned. Take the values without the bias (the rings), stretch them by γ and shift them by β. Can they reach the dots?",
    options: ["Yes, a stretch and a shift are enough", "No, something is left over, whatever γ and β are"],
    right: 1,
    answer: (c) =>
      `${verdictWords(c)} So here the bias does something that γ and β cannot do. And before, without the ReLU?`,
  },
  {
    title: "Evaluation: a mean that is nailed down",
    at: { order: "bn", mode: "eval" },
    text: "In evaluation a stored mean is subtracted instead of the batch’s own. It comes from training without a bias. No ReLU; the bias goes from 0 to 2. Where do the normalised values go?",
    options: ["Nowhere, as in training", "All three by the same amount", "Each by another amount"],
    right: 1,
    answer: (c) =>
      `All go right by ${number(c.y[0] - c.y0[0])}, which is b/√(V + ε) with the stored variance V: the stored mean is nailed at ${exact(meanOf(c.f0))} and knows nothing of the bias. β can do the same work. Or train on: each press of “Next batch” takes the nail a part of the way, 10 % of what is left at momentum 0.1.`,
  },
];

const LAST = {
  title: "Now play",
  ideas: [
    "Take the leaky ReLU and let its slope go from 0 (ReLU) to 1 (no activation). Where does what is left over vanish?",
    "ReLU: put all three samples to the right of the wall, and the bias so that they stay there. Is anything left over?",
    "ReLU: put samples 1 and 2 at −3. One active sample, and nothing is left over. Why can γ and β always reach two places?",
    "Evaluation with momentum 0: how many batches until the stored mean has followed?",
    "ReLU: drag the bias until a sample stands exactly at the wall, and look at ∂y/∂b.",
  ],
};

// Which question asks about what is to be seen now, if it is still open: 0, 1 or 3; −1 where nothing is hidden.
function hiddenBy(state) {
  const k = state.mode === "eval" ? 3 : slopeNow(state) === 20 ? 0 : 1;
  return state.seen[k] ? -1 : k;
}
