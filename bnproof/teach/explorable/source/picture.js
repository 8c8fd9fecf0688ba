// The three number lines. Every part of the drawing is made once and moved afterwards, so that what has the focus keeps it.
const BLOCK = 138; // from one axis to the next
const FIRST = 84; // the first axis
const LANE = 74; // the lane of γ and β below the third axis
const HEIGHT = FIRST + 2 * BLOCK + LANE + 52;
const REACH = 6; // the first two lines show −6 … 6
const MARGIN = 22;
const RADIUS = 10;

function makePicture(holder, count) {
  const svg = shape("svg", { role: "group", "aria-label": "Three number lines: before the activation, after it, normalised" });
  const layers = Object.fromEntries(["ground", "back", "middle", "front", "handles", "cover"].map((name) => [name, shape("g", {}, svg)]));
  for (const name of ["ground", "back", "middle", "front", "cover"]) layers[name].setAttribute("aria-hidden", "true");
  const handles = Array.from({ length: count }, (_, k) => {
    const group = shape("g", {
      class: "handle", tabindex: 0, role: "slider", "aria-label": `sample ${k + 1}`, "aria-orientation": "horizontal",
      "aria-valuemin": -3, "aria-valuemax": 3, "data-sample": k + 1,
    }, layers.handles);
    shape("circle", { class: "halo", r: 22 }, group);
    shape("circle", { class: `f${k + 1}`, r: RADIUS }, group);
    shape("text", { y: 4.5 }, group).textContent = k + 1;
    return group;
  });
  holder.append(svg);
  return { svg, layers, handles, parts: new Map(), used: new Set() };
}

function shape(tag, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}

// The part of that name, made if it is new, with these attributes.
function part(picture, layer, name, tag, attributes, text) {
  let found = picture.parts.get(name);
  if (!found) {
    found = shape(tag, {}, picture.layers[layer]);
    picture.parts.set(name, found);
  }
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  if (text !== undefined && found.textContent !== text) found.textContent = text;
  picture.used.add(name);
  return found;
}

const horizontally = (width, reach) => (value) => width / 2 + (value / reach) * (width / 2 - MARGIN);

// In which row each sign is drawn, so that signs of other samples at one place stand on each other; `others` are there already.
function stacked(places, others = []) {
  const rows = [];
  places.forEach((x, k) => {
    const near = (there) => Math.abs(there - x) < 1.6 * RADIUS;
    const taken = [...rows.filter((_, j) => near(places[j])), ...others.filter(({ at }, j) => j !== k && near(at)).map(({ row }) => row)];
    rows[k] = [0, 1, 2, 3].find((row) => !taken.includes(row));
  });
  return rows;
}

const raised = (row) => -2.3 * RADIUS * row;

function drawAxis(picture, name, y, width, reach, step) {
  const x = horizontally(width, reach);
  part(picture, "back", `${name} axis`, "line", { class: "axis", x1: 6, x2: width - 6, y1: y, y2: y });
  for (let k = 0; k <= 2 * REACH; k += 1) {
    const value = -reach + k * step;
    if (value > reach) break;
    const strong = Number.isInteger(value / step / 2);
    part(picture, "back", `${name} tick ${k}`, "line", { class: "tick", x1: x(value), x2: x(value), y1: y, y2: y + (strong ? 9 : 5) });
    if (strong) part(picture, "back", `${name} number ${k}`, "text", { class: "label", x: x(value), y: y + 50, "text-anchor": "middle" }, number(value, 1));
  }
}

// Mean markers: filled with the bias, hollow without it; their values stand beside them, the smaller one's on its left.
function drawMeans(picture, name, y, x, mean, mean0, words, words0) {
  const mark = (place) => `M${x(place)} ${y + 13}l7 13h-14z`;
  const apart = Math.abs(x(mean) - x(mean0)) > 1;
  if (apart) part(picture, "middle", `${name} mean 0`, "path", { class: "mean hollow", d: mark(mean0) });
  part(picture, "middle", `${name} mean`, "path", { class: "mean", d: mark(mean) });
  const write = (key, place, right, text) => {
    const beyond = right ? x(place) + 14 + 7 * text.length > picture.width : x(place) - 14 - 7 * text.length < 0;
    part(picture, "middle", key, "text", {
      class: "label", "text-anchor": right === beyond ? "end" : "start",
      // no room on its side: then below its mark, towards the other side
      x: x(place) + (beyond ? 7 : 11) * (right ? 1 : -1), y: y + (beyond ? 39 : 26),
    }, text);
  };
  if (words) write(`${name} mean words`, mean, mean >= mean0, words);
  if (apart && words0) write(`${name} mean 0 words`, mean0, mean < mean0, words0);
}

// Rings without the bias, arrows from them, and dots with it (but where handles stand for the dots).
function drawSamples(picture, name, y, x, values, values0, withDots, data) {
  const edge = (value) => Math.max(10, Math.min(picture.width - 10, x(value)));
  const [places, places0] = [values.map(edge), values0.map(edge)];
  const rows = stacked(places);
  const rows0 = stacked(places0, places.map((at, k) => ({ at, row: rows[k] })));
  const [up, up0] = [rows.map(raised), rows0.map(raised)];
  const top = y + raised(Math.max(...rows, ...rows0)) - RADIUS - 10;
  values.forEach((value, k) => {
    part(picture, "middle", `${name} ring ${k}`, "circle", { class: `ghost s${k + 1}`, r: RADIUS + 3, cx: places0[k], cy: y + up0[k] });
    part(picture, "middle", `${name} ring number ${k}`, "text", { class: `ring-number f${k + 1}`, x: places0[k], y: y + up0[k] + 4 }, `${k + 1}`);
    const way = places[k] - places0[k];
    if (Math.abs(way) > 4) {
      const [level, tip] = [top - 6 * k, Math.sign(way) * -5];
      part(picture, "middle", `${name} arrow ${k}`, "path", {
        class: `arrow s${k + 1}`, d: `M${places0[k]} ${level}H${places[k]}m${tip} -3l${-tip} 3l${tip} 3`,
      });
    }
    if (!withDots) return;
    const dot = part(picture, "front", `${name} dot ${k}`, "g", { class: "dot", transform: `translate(${places[k]} ${y + up[k]})`, ...data?.(k) });
    if (!dot.firstChild) {
      shape("circle", { class: `f${k + 1}`, r: RADIUS }, dot);
      shape("text", { y: 4.5 }, dot).textContent = k + 1;
    }
    if (edge(value) !== x(value)) {
      const right = value > 0;
      part(picture, "front", `${name} beyond ${k}`, "text", {
        class: "label", x: places[k] + (right ? -14 : 14), y: y + up[k] - 6, "text-anchor": right ? "end" : "start",
      }, `${right ? "→" : "←"} ${number(value)}`);
    }
  });
  return { places, up };
}

function drawPicture(picture, state, c, veil, progress) {
  const width = Math.max(280, picture.svg.parentNode.clientWidth);
  picture.width = width;
  picture.used.clear();
  picture.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  picture.svg.setAttribute("height", HEIGHT);
  const [before, after, normal] = [FIRST, FIRST + BLOCK, FIRST + 2 * BLOCK];
  const x = horizontally(width, REACH);
  const title = (name, y, words) => part(picture, "back", `${name} title`, "text", { class: "title", x: 4, y: y - 62 }, words);

  if (state.order !== "bn") {
    for (const [name, y] of [["before", before], ["after", after]]) {
      part(picture, "ground", `${name} behind`, "rect", { class: "behind", x: 0, y: y - 46, width: x(0), height: 76 });
      part(picture, "ground", `${name} wall`, "line", { class: "wall", x1: x(0), x2: x(0), y1: y - 46, y2: y + 30 });
    }
  }
  const slope = number(state.a / 20, 2);
  title("before", before, state.order === "bn" ? "before: z + b" : "before the activation: z + b");
  title("after", after, { bn: "no activation: the same", relu: "after the ReLU: nothing below 0", leaky: `leaky ReLU: ${slope}·x below 0` }[state.order]);
  title("normal", normal, state.mode === "train" ? "normalised: batch statistics" : "normalised: stored statistics");

  part(picture, "back", "hint", "text", { class: "label", x: width - 4, y: before - 62, "text-anchor": "end" }, "drag a dot");

  drawAxis(picture, "before", before, width, REACH, 1);
  drawAxis(picture, "after", after, width, REACH, 1);
  const h = c.h.map((value) => value / 10);
  const f = c.f.map((value) => value / UNIT);
  const tops = drawSamples(picture, "before", before, x, h, c.h0.map((value) => value / 10), false);
  const middles = drawSamples(picture, "after", after, x, f, c.f0.map((value) => value / UNIT), true);
  picture.handles.forEach((handle, k) => {
    handle.setAttribute("transform", `translate(${tops.places[k]} ${before + tops.up[k]})`);
    handle.setAttribute("aria-valuenow", state.z[k] / 10);
    handle.setAttribute("aria-valuetext", `${tenths(state.z[k])}, with the bias ${tenths(c.h[k])}`);
    part(picture, "ground", `thread ${k}`, "path", { class: "thread", d: `M${tops.places[k]} ${before + 12}L${middles.places[k]} ${after - 12 + middles.up[k]}` });
  });
  const average = (values) => sum(values) / values.length;
  drawMeans(picture, "before", before, x, average(h), average(c.h0) / 10, "", "");
  if (state.mode === "train") {
    drawMeans(picture, "after", after, x, c.batch.mean, c.batch0.mean, `mean ${exact(meanOf(c.f))}`, exact(meanOf(c.f0)));
  } else {
    drawNail(picture, after, x(c.used.mean), `stored mean ${subtractedWords(state, c)}`);
  }
  if (veil) drawVeil(picture, normal, width, veil);
  else drawNormalised(picture, state, c, normal, width, middles, after, progress);
  for (const [name, element] of picture.parts) element.style.display = picture.used.has(name) ? "" : "none";
}

function drawNail(picture, y, place, words) {
  const right = place < picture.width / 2;
  part(picture, "middle", "nail", "path", { class: "nail", d: `M${place} ${y + 2}l3 24h-6zM${place - 8} ${y + 27}h16` });
  part(picture, "middle", "nail words", "text", {
    class: "note", x: place + (right ? 12 : -12), y: y + 30, "text-anchor": right ? "start" : "end",
  }, words);
}

function drawVeil(picture, y, width, words) {
  part(picture, "cover", "veil", "rect", { class: "veil", x: 2, y: y - 48, width: width - 4, height: LANE + 80, rx: 4 });
  part(picture, "cover", "veil words", "text", { class: "veil-words", x: width / 2, y: y + 16 }, words);
}

function drawNormalised(picture, state, c, y, width, middles, after, progress) {
  const fitted = c.y0.map((value) => c.fit.gamma * value + c.fit.beta);
  const least = state.mode === "train" ? 2 : 4;
  const most = Math.max(...[...c.y, ...c.y0, ...(state.fit ? fitted : [])].map(Math.abs));
  const reach = [2, 4, 8].find((size) => size >= least && size >= most) ?? 8;
  const x = horizontally(width, reach);
  drawAxis(picture, "normal", y, width, reach, reach / 4);
  const below = drawSamples(picture, "normal", y, x, c.y, c.y0, true, (k) => ({ "data-sample": k + 1, "data-y": c.y[k], "data-y0": c.y0[k] }));
  below.places.forEach((place, k) =>
    part(picture, "ground", `thread below ${k}`, "path", { class: "thread", d: `M${middles.places[k]} ${after + 12}L${place} ${y - 12 + below.up[k]}` }),
  );
  const mean = (values) => sum(values) / values.length;
  drawMeans(picture, "normal", y, x, mean(c.y), mean(c.y0), "", "");
  const lane = y + LANE;
  if (!state.fit) {
    part(picture, "back", "lane words", "text", { class: "label", x: width / 2, y: lane + 14, "text-anchor": "middle" }, "γ and β have not tried yet");
    return;
  }
  const sizes = c.fit.left.map(Math.abs);
  const worst = sizes.indexOf(Math.max(...sizes));
  if (progress === 1 && !c.fit.exact) {
    part(picture, "front", "left words", "text", {
      class: "left-label", x: (x(fitted[worst]) + below.places[worst]) / 2, y: lane + 46, "text-anchor": "middle",
    }, `${number(sizes[worst])} left`);
  }
  const shown = fitted.map((value, k) => c.y0[k] + progress * (value - c.y0[k]));
  shown.forEach((value, k) => {
    const [from, to] = [x(value), below.places[k]];
    const up = 11 * k;
    part(picture, "back", `drop ${k}`, "line", { class: `drop s${k + 1}`, x1: to, x2: to, y1: y + 12, y2: lane + up });
    if (progress === 1 && c.fit.left[k] !== 0) {
      part(picture, "middle", `left ${k}`, "line", { class: "left", x1: from, x2: to, y1: lane + up, y2: lane + up });
    }
    part(picture, "front", `fitted ${k}`, "path", {
      class: `fitted s${k + 1}`, d: `M${from} ${lane + up - 8}l8 8l-8 8l-8-8z`, "data-fitted": value, "data-left": c.fit.left[k],
    });
  });
}
