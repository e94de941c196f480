// Shows one figure and keeps it up to date: applies the messages of `wire.py` to the points it has, renders with
// Plotly.react, so that zoom, hidden lines and the readout are kept, and polls for more while the tab is visible.

const NARROW = 520; // px; below this, names at line ends would leave too little room for the lines
const LABEL_PX = 16;
const NEAR_PX = 20; // a line is read if it has a point this near, or if the pointer is between two of its points
const ANSWER_LOST_MS = 8000;
const DRAWN_LATE_MS = 2000;
const DRAWING_MS = 100;
const instances = new WeakMap();
const DOWNLOAD_LOST_MS = 60000;
let engine = null;
let quietUntil = 0; // no polling while a download is being made: a later answer could overtake and replace it

export default function (component) {
  const root = component.parentElement;
  if (!instances.has(root)) instances.set(root, new LiveFigure(root));
  const figure = instances.get(root);
  figure.receive(component);
  // Streamlit also calls this for an update overtaken by another one; dispose only if the figure has left the page
  return () => setTimeout(() => figure.frame.isConnected || figure.dispose(), 0);
}

// ---- the engine: fetched once per browser, run once per document

function loadEngine(version) {
  engine ??= fetchEngine(version).catch((error) => {
    engine = null;
    throw error;
  });
  return engine;
}

// Streamlit serves component files without an expiry or validator, so a plain request would load 4.7 MB on every reload.
async function fetchEngine(version) {
  const address = new URL(`../cnnlab.plotly/plotly.min.js?v=${version}`, import.meta.url);
  const answer = await fetch(address, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`plotly.min.js: status ${answer.status}`);
  const source = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: "text/javascript" }));
  await pageIsDrawn();
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error("plotly.min.js could not be read"));
    document.head.append(script);
  });
  URL.revokeObjectURL(source);
  return window.Plotly;
}

// Plotly blocks the browser for a second when it loads, so controls are rendered first. Streamlit shows a skeleton for
// everything it has not loaded yet.
async function pageIsDrawn() {
  const end = performance.now() + DRAWN_LATE_MS;
  while (document.querySelector("[data-testid=stSkeleton]") && performance.now() < end) await pause(DRAWING_MS);
  await pause(DRAWING_MS); // not requestIdleCallback, which Safari does not have
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// ---- one figure

class LiveFigure {
  constructor(root) {
    this.root = root;
    this.revision = null;
    this.skeleton = null;
    this.points = new Map(); // uid -> [Float32Array x, Float32Array y]
    this.hidden = new Set(); // legend groups
    this.ranges = {}; // axis -> [low, high] chosen by the user
    this.build();
    this.onVisible = () => {
      if (document.visibilityState === "visible" && this.poll) this.ask();
    };
    document.addEventListener("visibilitychange", this.onVisible);
    this.observer = new ResizeObserver(() => this.redrawSoon());
    this.observer.observe(this.frame);
  }

  build() {
    this.frame = element("div", "figure");
    this.head = element("div", "head");
    this.legend = element("ul", "legend");
    this.tools = element("div", "tools");
    this.tools.setAttribute("role", "toolbar");
    this.tools.setAttribute("aria-label", "Figure");
    this.plot = element("div", "plot");
    this.plot.setAttribute("role", "img");
    this.waiting = element("div", "waiting");
    this.waiting.textContent = "Loading…";
    this.head.append(this.legend, this.tools);
    this.readout = element("table", "readout");
    this.ruler = element("div", "ruler");
    for (const one of [this.readout, this.ruler]) {
      one.hidden = true;
      one.setAttribute("aria-hidden", "true");
    }
    this.frame.append(this.head, this.plot, this.ruler, this.readout);
    this.plot.addEventListener("pointermove", (event) => this.follow(event.clientX));
    this.plot.addEventListener("pointerleave", () => this.follow(null));
    this.plot.append(this.waiting);
    this.root.append(this.frame);
    this.buttons = {
      in: this.tool("Zoom in", ICONS.plus, () => this.zoomBy(0.5)),
      out: this.tool("Zoom out", ICONS.minus, () => this.zoomBy(2)),
      pan: this.tool("Drag to move instead of zooming", ICONS.pan, () => this.togglePan()),
      reset: this.tool("Show everything", ICONS.reset, () => this.setRanges({})),
      png: this.tool("Download as PNG", "PNG", () => this.download("png")),
      svg: this.tool("Download as SVG", "SVG", () => this.download("svg")),
      csv: this.tool("Download every point as CSV", "CSV", () => this.askForCsv()),
    };
    this.buttons.pan.setAttribute("aria-pressed", "false");
  }

  tool(title, face, act) {
    const button = element("button");
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.innerHTML = face;
    button.onclick = act;
    this.tools.append(button);
    return button;
  }

  dispose() {
    if (this.gone) return;
    instances.delete(this.root);
    clearTimeout(this.timer);
    clearTimeout(this.rangeTimer);
    cancelAnimationFrame(this.frameRequest);
    cancelAnimationFrame(this.readRequest);
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.onVisible);
    this.gone = true;
    this.frame.remove();
    const purge = () => window.Plotly?.purge(this.plot);
    this.drawing?.then(purge, purge); // Plotly keeps working for a moment and fails if its plot is gone
  }

  send(how, name, value) {
    this.component[how](name, value);
  }

  // ---- what comes in

  receive(component) {
    this.component = component;
    const data = component.data;
    if (!data) return;
    const isNew = data.revision !== this.revision;
    if (isNew && data.base !== null && data.base !== this.revision) {
      this.askForMissed(data.revision);
      return;
    }
    if (isNew) this.apply(data);
    const isNothingNew = isNew && !data.skeleton && !Object.keys(data.splices).length;
    if (!this.drawn || !isNothingNew) this.redraw(); // without a new revision, the theme has changed
    this.schedule();
  }

  // An update was overtaken by the next one, which builds on it: report the revision here, and the server sends the rest.
  askForMissed(revision) {
    if (this.askedFor === revision) return;
    this.askedFor = revision;
    this.send("setTriggerValue", "resend", [this.revision ?? ""]);
  }

  apply(data) {
    if (data.base === null) this.points.clear();
    this.revision = data.revision;
    if (data.twins) this.twins = data.twins;
    if (data.skeleton) this.takeSkeleton(data.skeleton);
    for (const [uid, splice] of Object.entries(data.splices)) this.points.set(uid, spliced(this.points.get(uid), splice));
    this.poll = data.poll;
    this.data = data;
    this.plot.setAttribute("aria-label", data.alt);
    this.plot.style.height = `${this.skeleton.layout.height}px`;
    this.buttons.csv.hidden = !data.csv;
    if (data.download) {
      quietUntil = 0;
      saveText(data.download.name, data.download.text);
    }
  }

  takeSkeleton(skeleton) {
    for (const axis of ["xaxis", "yaxis"]) {
      const before = this.skeleton?.layout[axis]?.uirevision;
      if (this.skeleton && before !== skeleton.layout[axis]?.uirevision) delete this.ranges[axis];
    }
    this.skeleton = skeleton;
    this.recoloured = null;
    const hasAxes = Boolean(skeleton.data.length && skeleton.layout.xaxis) && skeleton.data[0].type === "scatter";
    for (const name of ["in", "out", "pan", "reset"]) this.buttons[name].hidden = !hasAxes;
  }

  // ---- asking

  schedule() {
    clearTimeout(this.timer);
    if (!this.poll || document.visibilityState !== "visible") return;
    const wait = Math.max(50, (this.askedAt ?? performance.now()) + this.poll - performance.now());
    this.timer = setTimeout(() => this.ask(), wait);
  }

  ask() {
    clearTimeout(this.timer);
    if (this.gone || !this.poll || document.visibilityState !== "visible") return;
    this.askedAt = performance.now();
    this.timer = setTimeout(() => this.ask(), this.poll + ANSWER_LOST_MS);
    if (isConnected() && quietUntil < this.askedAt) this.send("setTriggerValue", "tick", this.revision);
  }

  askForCsv() {
    quietUntil = performance.now() + DOWNLOAD_LOST_MS;
    this.send("setTriggerValue", "csv", Date.now());
  }

  // ---- drawing

  redrawSoon() {
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = requestAnimationFrame(() => this.redraw());
  }

  async redraw() {
    if (!this.skeleton) return;
    let plotly = null;
    try {
      plotly = await loadEngine(this.data.engine);
    } catch (error) {
      this.waiting.textContent = `The figure could not be loaded: ${error.message}. Reload the page to try again.`;
      return;
    }
    if (this.gone || this.frame.clientWidth === 0) return;
    this.waiting.remove();
    this.drawLegend();
    const isFirst = !this.drawn;
    this.draw(plotly);
    if (isFirst) this.listen(plotly);
  }

  draw(plotly) {
    const config = { displayModeBar: false, displaylogo: false, responsive: false, doubleClick: "reset", scrollZoom: false };
    const { traces, layout } = this.figure();
    const render = () => {
      layout.annotations = this.endLabels(layout.annotations);
      this.drawing = plotly.react(this.plot, traces, layout, config);
    };
    render();
    if (!this.drawn && layout.annotations.length) render(); // the first time, labels need the axes that were just rendered
    this.drawn = true;
    this.read();
  }

  figure() {
    this.isDark = isDark(cssValue(this.root, "--st-background-color"));
    if (!this.recoloured || this.recoloured.isDark !== this.isDark) {
      const skeleton = this.isDark ? recoloured(this.skeleton, this.twins) : this.skeleton;
      this.recoloured = { isDark: this.isDark, skeleton };
    }
    const { data, layout: plain } = this.recoloured.skeleton;
    const traces = data.map((trace) => {
      const points = this.points.get(trace.uid);
      const visible = this.hidden.has(trace.legendgroup) ? "legendonly" : true;
      return points ? { ...trace, visible, x: points[0], y: points[1] } : { ...trace, visible };
    });
    const width = this.frame.clientWidth;
    const layout = { ...plain, width, datarevision: this.revision, annotations: plain.annotations ?? [] };
    layout.font = { ...plain.font, color: cssValue(this.root, "--st-text-color"), family: cssValue(this.root, "--st-font") };
    layout.dragmode = matchMedia("(pointer: coarse)").matches ? false : this.isPanning ? "pan" : "zoom";
    for (const axis of ["xaxis", "yaxis"]) {
      layout[axis] = { ...plain[axis] };
      if (this.ranges[axis]) Object.assign(layout[axis], { range: [...this.ranges[axis]], autorange: false });
    }
    return { traces, layout };
  }

  // Names at line ends, moved apart where they would overlap; none on a narrow screen or for hidden lines.
  endLabels(annotations) {
    const ends = [];
    const others = [];
    for (const annotation of annotations) {
      if (!annotation.name?.startsWith("end:")) {
        others.push(annotation);
        continue;
      }
      const uid = annotation.name.slice(4);
      const points = this.points.get(uid);
      const trace = this.skeleton.data.find((one) => one.uid === uid);
      if (!points?.[0].length || this.hidden.has(trace?.legendgroup) || this.frame.clientWidth < NARROW) continue;
      ends.push({ ...annotation, x: points[0].at(-1), value: points[1].at(-1) });
    }
    const axis = this.plot._fullLayout?.yaxis;
    const isLog = this.skeleton.layout.yaxis?.type === "log";
    for (const end of ends) {
      end.y = isLog ? Math.log10(end.value) : end.value;
      end.pixel = axis?.l2p ? axis.l2p(axis.d2l(end.value)) : 0;
    }
    const drawable = ends.filter((end) => Number.isFinite(end.y));
    drawable.sort((a, b) => a.pixel - b.pixel);
    let free = -Infinity;
    const height = axis?._length ?? Infinity;
    drawable.forEach((end, index) => {
      const below = (drawable.length - 1 - index) * LABEL_PX; // room needed by the labels below this one
      const wanted = Math.max(Math.min(end.pixel, Math.max(height - below, 0)), free);
      end.yshift = axis?.l2p ? end.pixel - wanted : 0;
      free = wanted + LABEL_PX;
    });
    return [...others, ...drawable.map(({ value: _value, pixel: _pixel, ...annotation }) => annotation)];
  }

  listen() {
    this.plot.on("plotly_relayout", (change) => {
      const ranges = { ...this.ranges };
      for (const axis of ["xaxis", "yaxis"]) {
        if (change[`${axis}.autorange`]) delete ranges[axis];
        const low = change[`${axis}.range[0]`] ?? change[`${axis}.range`]?.[0];
        const high = change[`${axis}.range[1]`] ?? change[`${axis}.range`]?.[1];
        if (low !== undefined && high !== undefined) ranges[axis] = [low, high];
      }
      if (JSON.stringify(ranges) === JSON.stringify(this.ranges)) return;
      this.ranges = ranges;
      this.tellRange();
    });
    this.plot.on("plotly_click", ({ points }) => {
      if (this.data.clickable && points.length) this.send("setTriggerValue", "point", [points[0].x, points[0].y]);
    });
  }

  // ---- the values under the pointer, in a table beside the plot: on top of it, three runs would cover the lines

  follow(clientX) {
    this.pointer = clientX;
    cancelAnimationFrame(this.readRequest);
    this.readRequest = requestAnimationFrame(() => this.read());
  }

  read() {
    const titles = this.skeleton?.layout.meta?.readout;
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    const found = titles && xaxis?.p2d && Number.isFinite(this.pointer ?? NaN) ? this.valuesAt(xaxis) : [];
    this.readout.hidden = this.ruler.hidden = !found.length;
    if (!found.length) return;
    const nearest = found.reduce((best, one) => (one.away < best.away ? one : best));
    this.ruler.style.left = `${this.plot.offsetLeft + xaxis._offset + xaxis.d2p(nearest.x)}px`;
    this.ruler.style.top = `${this.plot.offsetTop + yaxis._offset}px`;
    this.ruler.style.height = `${yaxis._length}px`;
    this.readout.replaceChildren(...readoutRows(found, `${titles.x} ${rounded(nearest.x, 4)}`, titles.unit));
    const isRoomBelow = this.frame.getBoundingClientRect().bottom + this.readout.offsetHeight < innerHeight;
    this.readout.classList.toggle("above", !isRoomBelow);
  }

  valuesAt(axis) {
    const pixel = this.pointer - this.plot.getBoundingClientRect().left - axis._offset;
    if (pixel < 0 || pixel > axis._length) return [];
    const found = [];
    for (const trace of this.recolouredData()) {
      const [xs, ys] = this.points.get(trace.uid) ?? [];
      if (!trace.hovertext || !xs?.length || this.hidden.has(trace.legendgroup)) continue;
      const index = nearestIndex(xs, axis.p2d(pixel));
      const away = Math.abs(axis.d2p(xs[index]) - pixel);
      const isInside = xs[0] <= axis.p2d(pixel) && axis.p2d(pixel) <= xs.at(-1);
      if (isInside || away <= NEAR_PX) found.push({ trace, x: xs[index], y: ys[index], away });
    }
    return found;
  }

  tellRange() {
    if (!this.data.refine) return;
    clearTimeout(this.rangeTimer);
    this.rangeTimer = setTimeout(() => this.send("setStateValue", "range", this.ranges.xaxis ?? null), 200);
  }

  // ---- tools

  setRanges(ranges) {
    this.ranges = ranges;
    this.tellRange();
    this.redraw();
  }

  zoomBy(factor) {
    const ranges = {};
    for (const axis of ["xaxis", "yaxis"]) {
      const [low, high] = this.plot._fullLayout?.[axis]?.range ?? [];
      if (low === undefined) continue;
      const middle = (Number(low) + Number(high)) / 2;
      const half = ((Number(high) - Number(low)) / 2) * factor;
      ranges[axis] = [middle - half, middle + half];
    }
    this.setRanges(ranges);
  }

  togglePan() {
    this.isPanning = !this.isPanning;
    this.buttons.pan.setAttribute("aria-pressed", String(this.isPanning));
    this.redraw();
  }

  download(format) {
    const { traces, layout } = this.figure();
    const width = Math.max(900, layout.width);
    const picture = { ...layout, width, showlegend: this.legend.childElementCount > 0 };
    picture.paper_bgcolor = cssValue(this.root, "--st-background-color");
    picture.annotations = this.endLabels(layout.annotations);
    const name = this.data.filename ?? "figure";
    window.Plotly?.downloadImage({ data: traces, layout: picture }, { format, filename: name, width, height: layout.height, scale: 2 });
  }

  // ---- legend: buttons, so that they work by keyboard and wrap on a phone

  drawLegend() {
    const groups = new Map();
    for (const trace of this.recolouredData()) {
      if (!trace.legendgroup) continue;
      const group = groups.get(trace.legendgroup) ?? { label: trace.meta ?? trace.name };
      group.colour ??= trace.line?.color ?? trace.marker?.color;
      group.dash ??= trace.line?.dash;
      group.hasLine ||= Boolean(trace.mode?.includes("lines"));
      if (trace.type === "bar") group.mark = "bar";
      else if (trace.showlegend !== false) group.mark = trace.marker?.symbol;
      groups.set(trace.legendgroup, group);
    }
    if (this.skeleton.layout.meta?.legend === false) groups.clear();
    const state = JSON.stringify([...groups]);
    if (state !== this.legendState) {
      this.legendState = state;
      const items = groups.size > 1 ? [...groups].map(([id, group]) => this.legendItem(id, group)) : [];
      this.legend.replaceChildren(...items);
    }
    for (const button of this.legend.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(!this.hidden.has(button.dataset.group)));
    }
  }

  recolouredData() {
    const dark = isDark(cssValue(this.root, "--st-background-color"));
    return dark ? recoloured(this.skeleton.data.map(({ x, y, z, ...rest }) => rest), this.twins) : this.skeleton.data;
  }

  legendItem(id, group) {
    const item = element("li");
    const button = element("button");
    button.type = "button";
    button.dataset.group = id;
    button.title = `Show or hide ${group.label}`;
    button.innerHTML = swatch(group);
    const name = element("span", "name");
    name.textContent = group.label;
    button.append(name);
    button.onclick = () => {
      if (!this.hidden.delete(id)) this.hidden.add(id);
      this.redraw();
    };
    item.append(button);
    return item;
  }
}

// ---- helpers

const ICONS = {
  plus: '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="5"/><path d="M11 11l4 4M7 4.8v4.4M4.8 7h4.4"/></svg>',
  minus: '<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="5"/><path d="M11 11l4 4M4.8 7h4.4"/></svg>',
  pan: '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1v14M1 8h14M6 3l2-2 2 2M6 13l2 2 2-2M3 6L1 8l2 2M13 6l2 2-2 2"/></svg>',
  reset: '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 6V2h4M14 6V2h-4M2 10v4h4M14 10v4h-4"/></svg>',
};

const DASHES = { dash: "6 3", dot: "2 2", dashdot: "6 2 2 2", longdash: "9 3" };
const MARKS = {
  circle: '<circle cx="14" cy="6" r="3.6"/>',
  square: '<rect x="10.6" y="2.6" width="6.8" height="6.8"/>',
  "triangle-up": '<path d="M14 1.6l4.2 7.6H9.8z"/>',
  diamond: '<path d="M14 1.6l4.4 4.4-4.4 4.4L9.6 6z"/>',
  bar: '<rect x="8" y="1" width="12" height="10" rx="2"/>',
};

function swatch({ colour, dash, mark, hasLine }) {
  const line = !hasLine ? "" : `<path d="M1 6h26" fill="none" stroke-width="2" stroke-dasharray="${DASHES[dash] ?? "none"}"/>`;
  const paint = typeof colour === "string" && /^#[0-9A-Fa-f]{6}$/.test(colour) ? colour : "currentColor";
  return `<svg width="28" height="12" aria-hidden="true" stroke="${paint}" fill="${paint}">${line}${MARKS[mark] ?? ""}</svg>`;
}

// A row for each run and a column for each kind of line.
function readoutRows(found, title, unit) {
  const columns = [...new Set(found.map(({ trace }) => trace.hovertext))];
  const runs = [...new Set(found.map(({ trace }) => trace.legendgroup))];
  const rows = runs.map((run) => {
    const lines = found.filter(({ trace }) => trace.legendgroup === run);
    const { trace } = lines[0];
    const name = element("th");
    name.innerHTML = swatch({ colour: trace.line?.color, dash: trace.line?.dash, mark: trace.marker?.symbol, hasLine: true });
    name.append(trace.meta);
    const values = columns.map((column) => {
      const line = lines.find((one) => one.trace.hovertext === column);
      return cell("td", line ? `${rounded(line.y, 3)} ${unit}`.trim() : "");
    });
    return row([name, ...values]);
  });
  return [row([cell("th", title), ...columns.map((column) => cell("th", column))]), ...rows];
}

function row(cells) {
  const made = element("tr");
  made.append(...cells);
  return made;
}

function cell(tag, text) {
  const made = element(tag);
  made.textContent = text;
  return made;
}

function rounded(value, digits) {
  return String(Number(value.toPrecision(digits)));
}

function nearestIndex(sorted, wanted) {
  let [low, high] = [0, sorted.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle;
    else high = middle;
  }
  return wanted - sorted[low] <= sorted[high] - wanted ? low : high;
}

function element(tag, name = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}

function spliced(old, [start, removed, x, y, staying]) {
  const bits = staying && bytesOf(staying);
  return [x, y].map((packed, column) => {
    let before = old?.[column] ?? new Float32Array(0);
    if (bits) before = before.filter((_, at) => (bits[at >> 3] >> (at & 7)) & 1);
    const fresh = unpacked(packed);
    const all = new Float32Array(before.length - removed + fresh.length);
    all.set(before.subarray(0, start));
    all.set(fresh, start);
    all.set(before.subarray(start + removed), start + fresh.length);
    return all;
  });
}

function unpacked(text) {
  return new Float32Array(bytesOf(text).buffer);
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function recoloured(value, twins) {
  if (typeof value === "string") return twins[value] ?? value;
  if (Array.isArray(value)) return value.map((one) => recoloured(one, twins));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, recoloured(one, twins)]));
  }
  return value;
}

function cssValue(root, name) {
  return getComputedStyle(root.host ?? root).getPropertyValue(name).trim();
}

function isConnected() {
  const app = document.querySelector("[data-testid=stApp]");
  return !app || app.getAttribute("data-test-connection-state") === "CONNECTED";
}

function isDark(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour || "#ffffff";
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(probe.fillStyle.slice(start, start + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

function saveText(name, text) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
