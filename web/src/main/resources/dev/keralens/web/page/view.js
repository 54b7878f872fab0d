// Looking at maps: the controls, and the grid of classes by methods. The page and reports share it.

import { choice, fill, h, labelled } from "./dom.js";
import { colorMapFor, colorMaps, drawBar, overlay, scaleOf, shownMap, sized } from "./draw.js";
import { brief } from "./numbers.js";
import { showKind } from "./kinds.js";
import { FACTS, facts } from "./measures.js";

export const LOOK = { color: "auto", alpha: 0.65, sign: "usual", scale: "own" };

/** The controls of how maps are drawn. */
export function lookControls(look, onchange) {
  const set = (name) => (value) => { look[name] = value; onchange(name); };
  const percent = h("output", { class: "number" }, Math.round(look.alpha * 100) + " %");
  const slider = h("input", { type: "range", id: "alpha", min: 0, max: 100, value: Math.round(look.alpha * 100),
    oninput: () => { percent.textContent = slider.value + " %"; set("alpha")(slider.value / 100); } });
  const names = [["auto", "suits the map"], ...colorMaps().map((map) => [map.name, map.name])];
  const controls = h("div", { class: "look", role: "group", "aria-label": "How maps are drawn" },
    h("div", { class: "control wide" }, h("label", { for: "alpha" }, "Opacity"), slider, percent),
    labelled("Colours", choice(names, look.color, set("color"), { id: "color" })),
    labelled("Values", choice([["usual", "as usual"], ["signed", "signed"], ["absolute", "absolute"]], look.sign, set("sign"), { id: "sign" }),
      "As usual: what speaks for the class. Signed: for in one colour, against in another. Absolute: how much either way."),
    labelled("Scale", choice([["own", "one each"], ["shared", "one for all"]], look.scale, set("scale"), { id: "scale" }),
      "One for all: the same colour is the same number in every map."));
  return controls;
}

/** The place of a canvas under the pointer, in parts of 0 to 1. */
function pointed(event, canvas) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

/** One map: a canvas, its scale, what lies under the pointer. */
function createCell(onpoint) {
  const canvas = h("canvas", { class: "map", tabindex: 0, role: "img" });
  const bar = h("canvas", { class: "colorbar", "aria-hidden": "true" });
  const low = h("span", { class: "number" }), high = h("span", { class: "number" });
  const legend = h("div", { class: "legend" }, low, bar, high);
  const cross = h("div", { class: "cross", hidden: true });
  const status = h("div", { class: "status", "aria-live": "polite" });
  const frame = h("div", { class: "frame" }, canvas, cross, status);
  const other = h("div", { class: "other" });
  const told = h("figcaption", { class: "facts number", title: FACTS });
  const element = h("figure", { class: "cell" }, frame, other, legend, told);
  const move = (x, y) => onpoint(x, y);
  canvas.addEventListener("pointermove", (event) => move(...pointed(event, canvas)));
  canvas.addEventListener("pointerleave", () => onpoint(null));
  let at = [0.5, 0.5];
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    at = at.map((v, i) => Math.min(0.999, Math.max(0, v + step[i] * 0.02)));
    move(...at);
  });
  canvas.addEventListener("blur", () => onpoint(null));
  return { element, canvas, bar, low, high, legend, cross, status, frame, other, told, state: {} };
}

/** The grid: a row for each class, a column for each method and layer, the picture before them. */
export class MapGrid {
  constructor(container, readout) {
    this.container = container;
    this.readout = readout;
    this.cells = new Map();
    this.drawn = 0;
    this.waiting = false;
  }

  /**
   * Shows an input.
   *
   * @param view {kind, model, picture (ImageData or null), values, rows: [{unit, name, text}],
   *     columns: [{key, title, note, pixels}], map(row, column), status(row, column), look}
   */
  show(view) {
    this.view = view;
    const { rows, columns } = view;
    const layout = JSON.stringify([view.kind, rows.map((r) => [r.unit, r.name, r.text]), columns.map((c) => [c.key, c.title, c.note]), view.picture?.width, view.picture?.height]);
    if (layout !== this.layout) {
      this.layout = layout;
      this.build();
    }
    this.draw();
  }

  build() {
    const { rows, columns, picture, kind } = this.view;
    this.cells.clear();
    const single = kind !== "picture";
    const source = h("div", { class: "source" });
    this.source = source;
    const head = h("div", { class: "row head", role: "row" },
      h("div", { class: "rowname", role: "columnheader" }, single ? "" : "Picture"),
      columns.map((column) => h("div", { class: "colname", role: "columnheader" }, h("strong", {}, column.title), h("span", { class: "note" }, column.note ?? ""))));
    const lines = rows.map((row, r) => h("div", { class: "row", role: "row" },
      h("div", { class: "rowname", role: "rowheader" }, r === 0 ? source : null, h("strong", {}, row.name), h("span", { class: "number" }, row.text ?? "")),
      columns.map((column) => {
        const cell = createCell((x, y) => this.point(x, y));
        this.cells.set(row.unit + " " + column.key, cell);
        if (picture) cell.frame.style.aspectRatio = `${picture.width} / ${picture.height}`;
        return h("div", { role: "cell" }, cell.element);
      })));
    this.container.classList.toggle("single", rows.length === 1 && columns.length === 1);
    this.container.style.setProperty("--columns", columns.length);
    this.container.dataset.kind = kind;
    fill(this.container, head, lines);
    if (picture) {
      const canvas = h("canvas", { class: "map", width: picture.width, height: picture.height, role: "img", "aria-label": "The picture" });
      canvas.getContext("2d").putImageData(picture, 0, 0);
      fill(source, canvas);
    }
  }

  /** Draws soon: many changes at once are one drawing. */
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.drawNow();
    });
  }

  drawNow() {
    const { rows, columns, look, model, kind, picture } = this.view;
    const all = [];
    for (const row of rows) for (const column of columns) {
      all.push({ row, column, map: this.view.map(row, column), cell: this.cells.get(row.unit + " " + column.key) });
    }
    const shared = look.scale === "shared" ? this.sharedScale(all) : null;
    for (const { row, column, map, cell } of all) {
      if (!cell) continue;
      const status = this.view.status(row, column);
      if (cell.status.textContent !== (status ?? "")) cell.status.textContent = status ?? "";
      cell.element.classList.toggle("empty", !map);
      if (!map) {
        if (cell.drawnMap) { cell.canvas.width = cell.canvas.width; cell.drawnMap = null; }
        cell.legend.classList.add("unknown");
        cell.told.textContent = "";
        continue;
      }
      const pixels = kind === "picture" && column.pixels, color = colorMapFor(look, pixels);
      const shown = shownMap2(map, look, model.places);
      const scale = shared ?? scaleOf(shown, { color, pixels });
      if (kind === "picture" && picture) {
        const values = sized(map, look, model.places, picture);
        if (cell.canvas.width !== picture.width || cell.canvas.height !== picture.height) {
          cell.canvas.width = picture.width;
          cell.canvas.height = picture.height;
        }
        cell.canvas.getContext("2d").putImageData(overlay(picture, values, scale, color, look.alpha, pixels), 0, 0);
        cell.canvas.setAttribute("aria-label", `${column.title}: where the evidence for ${row.name} lies. Arrow keys read values.`);
      } else {
        fill(cell.other, showKind(kind, { values: this.view.values, words: this.view.words, model, map, look, scale }, cell.state));
      }
      cell.drawnMap = map;
      this.firstDrawn ??= Date.now();
      cell.legend.classList.remove("unknown");
      cell.canvas.dataset.unit = row.unit;
      if (cell.barOf !== color.name) { drawBar(cell.bar, color); cell.barOf = color.name; }
      cell.low.textContent = brief(scale[0]);
      cell.high.textContent = brief(scale[1]);
      cell.told.textContent = facts(map);
    }
    this.drawn++;
  }

  sharedScale(all) {
    const { look, model } = this.view;
    let scale = null;
    for (const { map, column } of all) {
      if (!map) continue;
      const color = colorMapFor(look, column.pixels);
      const [low, high] = scaleOf(shownMap2(map, look, model.places), { color, pixels: false });
      scale = scale ? [Math.min(scale[0], low), Math.max(scale[1], high)] : [low, high];
    }
    return scale;
  }

  /** Says the values at a place in all maps: the same place in each. */
  point(x, y) {
    const { rows, columns, model, look } = this.view;
    const inside = x !== null && x >= 0 && x < 1 && y >= 0 && y < 1;
    const [height, width] = model.places;
    const row = Math.floor(y * height), column = Math.floor(x * width);
    for (const r of rows) for (const c of columns) {
      const cell = this.cells.get(r.unit + " " + c.key), map = this.view.map(r, c);
      if (!cell) continue;
      cell.cross.hidden = !inside || !map;
      if (!inside || !map) continue;
      cell.cross.style.left = x * 100 + "%";
      cell.cross.style.top = y * 100 + "%";
      cell.cross.textContent = brief(shownMap2(map, look, model.places)[row * width + column]);
      cell.cross.classList.toggle("left", x > 0.6);
    }
    this.readout.textContent = inside ? `row ${row}, column ${column} of the input` : "";
  }
}

/** A map after its filter in the size of the input; what was computed last is kept with it. */
function shownMap2(map, look, places) {
  const key = look.sign;
  if (map.seenKey !== key) {
    map.seenKey = key;
    map.seen = shownMap(map, look, places);
  }
  return map.seen;
}
