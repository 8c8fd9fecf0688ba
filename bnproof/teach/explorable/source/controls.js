// The state of the page and everything that changes it.
const START = { z: [-10, 10, 20], b: 20, a: 5, order: "bn", mode: "train", logEps: -5, momentum: 10 };
const COMPARE = "Let γ and β try with BN alone";
const byId = (id) => document.getElementById(id);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function start(instances) {
  const state = { ...START, z: [...START.z], fit: false, asked: 0, seen: QUESTIONS.map(() => false), said: QUESTIONS.map(() => -1) };
  const picture = makePicture(byId("picture"), state.z.length);
  let progress = 1; // how far γ and β have come on their way
  let running = 0; // the animation in progress; a new one, or a hand on the controls, ends it
  let speaking;

  const compute = () => computed({ ...state, a: slopeNow(state) });
  const train = () => {
    state.stored = statistics(activations(state.z, 0, slopeNow(state)));
    state.batches = 0;
  };

  function animate(length, step) {
    running += 1;
    const mine = running;
    if (still()) return step(1);
    const begun = performance.now();
    const frame = (now) => {
      if (mine !== running) return;
      const part = Math.min(1, Math.max(0, (now - begun) / length));
      step(part);
      if (part < 1) requestAnimationFrame(frame);
    };
    step(0);
    return requestAnimationFrame(frame);
  }

  function settle() {
    running += 1;
    progress = 1;
  }

  function show() {
    const c = compute();
    const hidden = hiddenBy(state);
    const veiled = hidden >= 0;
    drawPicture(picture, veiled ? { ...state, fit: false } : state, c, veiled ? `Question ${hidden + 1}: predict first` : "", progress);
    for (const [id, value, words] of [
      ["b", state.b, tenths(state.b)],
      ["a", state.a, number(state.a / 20, 2)],
      ["momentum", state.momentum, number(state.momentum / 100, 2)],
      ["eps", state.logEps, number(state.logEps)],
    ]) {
      byId(id).value = value;
      byId(id).setAttribute("aria-valuetext", words);
      byId(`${id}-value`).textContent = words;
    }
    for (const name of ["order", "mode"]) document.querySelector(`input[name="${name}"][value="${state[name]}"]`).checked = true;
    byId("slope-row").hidden = state.order !== "leaky";
    byId("try").setAttribute("aria-pressed", state.fit && !veiled);
    byId("try").disabled = veiled;
    byId("key-nail").hidden = state.mode === "train";
    byId("key-fit").style.visibility = state.fit && !veiled ? "" : "hidden";
    byId("active").textContent = state.order === "bn" ? "no activation: all pass" : `${c.active} of ${state.z.length}; without the bias ${c.active0}`;
    byId("shift").textContent = `${exact(c.shift)}, from ${exact(meanOf(c.f0))} to ${exact(meanOf(c.f))}`;
    byId("ratio").textContent = veiled ? "hidden" : `${proportion(c.ratios[1])}; without the bias ${proportion(c.ratios[0])}`;
    byId("slope").textContent = veiled ? "hidden" : slopeWords(state, c);
    byId("stored").textContent = storedWords(state, c);
    byId("verdict").textContent = veiled || !state.fit || progress < 1 ? "" : verdictWords(c);
    clearTimeout(speaking); // one sentence when the hand rests, not one at every step
    const say = () => { byId("summary").textContent = summaryWords(state, c, veiled); };
    if (byId("summary").textContent) speaking = setTimeout(say, 250);
    else say();
  }

  function change(what) {
    settle();
    const data = ["z", "order", "a"].some((name) => name in what);
    Object.assign(state, what);
    if (data) train();
    show();
  }

  function tryFit(on) {
    state.fit = on;
    if (!on) change({});
    else animate(1100, (part) => { progress = part; show(); });
  }

  function place(k) {
    change({ ...QUESTIONS[k].at, z: [...START.z], b: START.b, logEps: START.logEps, momentum: START.momentum, fit: false });
  }

  function ask(k, focus = true) {
    state.asked = k;
    const last = k === QUESTIONS.length;
    const question = last ? LAST : QUESTIONS[k];
    const open = !last && !state.seen[k];
    byId("question-title").textContent = last ? question.title : `Question ${k + 1} of ${QUESTIONS.length}: ${question.title}`;
    byId("question-text").textContent = last ? "Everything can be moved: the samples on the first line, too. Some things to try:" : question.text;
    byId("prediction").hidden = !open;
    byId("next").hidden = last || open;
    byId("next").textContent = k === QUESTIONS.length - 1 ? "Now play" : "Next question";
    byId("back").hidden = k === 0;
    byId("compare").textContent = COMPARE;
    byId("compare").hidden = open || last || !question.fit;
    byId("options").replaceChildren(...(open ? question.options.map((words, j) => option(words, j)) : []));
    byId("reveal").disabled = true;
    byId("answer").replaceChildren(...(last ? [ideas()] : open ? [] : told(k)));
    if (!last) place(k);
    if (!open && question.fit) { state.fit = true; show(); }
    if (!focus) return;
    byId("question-title").focus({ preventScroll: true });
    // on a narrow screen the answer stands above the picture: the page scrolls until that is seen, and no further
    byId(open || last ? "question" : "picture").scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "nearest" });
  }

  function option(words, j) {
    const label = document.createElement("label");
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: "guess", value: j });
    radio.addEventListener("change", () => { byId("reveal").disabled = false; });
    label.append(radio, ` ${words}`);
    return label;
  }

  function ideas() {
    const made = document.createElement("ul");
    for (const words of LAST.ideas) made.append(Object.assign(document.createElement("li"), { textContent: words }));
    return made;
  }

  // The answer, held against the prediction; it is about the question's own position, wherever the controls are by now.
  function told(k) {
    const { options, right, answer, at } = QUESTIONS[k];
    const [said, a] = [state.said[k], slopeNow({ ...START, ...at })];
    const stored = statistics(activations(START.z, 0, a));
    const verdict = said < 0 ? `${options[right]}.` : said === right ? `${options[right]}: as you predicted.` : `${options[right]}. You predicted: “${options[said]}”.`;
    return [
      Object.assign(document.createElement("h3"), { textContent: verdict }),
      Object.assign(document.createElement("p"), { textContent: answer(computed({ ...START, ...at, a, stored })) }),
    ];
  }

  function reveal(said) {
    const k = state.asked;
    state.said[k] = said;
    state.seen[k] = true;
    if (k === 2) state.seen[1] = true;
    ask(k);
    if (QUESTIONS[k].fit) return tryFit(true);
    return animate(1400, (part) => { state.b = Math.round(START.b * part); show(); });
  }

  byId("prediction").addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = document.querySelector('input[name="guess"]:checked');
    if (chosen) reveal(Number(chosen.value));
  });
  byId("skip").addEventListener("click", () => reveal(-1));
  byId("next").addEventListener("click", () => ask(state.asked + 1));
  byId("back").addEventListener("click", () => ask(state.asked - 1));
  byId("compare").addEventListener("click", () => {
    change({ order: slopeNow(state) === 20 ? "relu" : "bn" });
    byId("compare").textContent = state.order === "bn" ? "Let them try with the ReLU again" : COMPARE;
    tryFit(true);
  });
  byId("try").addEventListener("click", () => {
    if (!state.fit && slopeNow(state) !== 20 && !state.seen[2]) ask(2);
    else tryFit(!state.fit);
  });
  byId("batch").addEventListener("click", () =>
    change({ stored: ticked(state.stored, compute().batch, state.momentum), batches: state.batches + 1 }),
  );
  byId("reset").addEventListener("click", () => change({ ...START, z: [...START.z], fit: false }));
  for (const [id, name] of [["b", "b"], ["a", "a"], ["momentum", "momentum"], ["eps", "logEps"]]) {
    byId(id).addEventListener("input", (event) => change({ [name]: Number(event.target.value) }));
  }
  for (const name of ["order", "mode"]) {
    for (const radio of document.querySelectorAll(`input[name="${name}"]`)) {
      radio.addEventListener("change", () => change({ [name]: radio.value }));
    }
  }
  dragged(picture, state, change);
  byId("board").hidden = false;
  ask(0, false);
  new ResizeObserver(() => { if (picture.width !== picture.svg.parentNode.clientWidth) show(); }).observe(byId("picture"));

  const wrong = allDifferences(instances);
  byId("checked").classList.toggle("wrong", wrong.length > 0);
  byId("checked").textContent = wrong.length
    ? `This page computes wrongly here. ${wrong.length} differences from its exact instances; the first: ${wrong[0]}.`
    : `The page’s arithmetic agrees with all ${instances.length} exact instances it carries.`;
  document.documentElement.dataset.checked = wrong.length ? "wrong" : "right";
}

// Samples are moved by mouse, pen or finger, and by keys: arrows by 0.1, page keys by 1, Home and End to the ends.
function dragged(picture, state, change) {
  let grip = null; // the sample that is held and how far from its middle
  const moved = (k, value) => {
    const z = [...state.z];
    z[k] = Math.max(-30, Math.min(30, Math.round(value)));
    if (z[k] !== state.z[k]) change({ z });
  };
  const at = (event) => {
    const box = picture.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * picture.width;
    return ((x - picture.width / 2) / (picture.width / 2 - MARGIN)) * REACH * 10;
  };
  // fingers are wide and samples may stand close together: the nearest one is meant, not the one drawn last
  const nearest = (event) => {
    const away = picture.handles.map((handle) => {
      const box = handle.getBoundingClientRect();
      return Math.hypot(event.clientX - (box.left + box.right) / 2, event.clientY - (box.top + box.bottom) / 2);
    });
    return away.indexOf(Math.min(...away));
  };
  const hands = picture.layers.handles;
  hands.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const k = nearest(event);
    event.preventDefault();
    picture.handles[k].focus({ preventScroll: true, focusVisible: false });
    hands.setPointerCapture(event.pointerId);
    grip = { k, by: at(event) - state.z[k] };
  });
  // a finger on a sample does not scroll; the style's touch-action is not heeded on shapes inside a drawing everywhere
  hands.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  hands.addEventListener("pointermove", (event) => {
    if (grip) moved(grip.k, at(event) - grip.by);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) hands.addEventListener(end, () => { grip = null; });
  picture.handles.forEach((handle, k) => {
    handle.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -60, End: 60 };
      if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      moved(k, state.z[k] + steps[event.key]);
    });
  });
}

start(JSON.parse(byId("instances").textContent));
