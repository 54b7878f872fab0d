// Inputs that are no pictures, shown as what they are with the map over them.

import { h, labelled } from "./dom.js";
import { colorAt, colorMapFor, overlay, scaleOf, shownMap } from "./draw.js";
import { brief } from "./numbers.js";
import { lineChart } from "./chart.js";

function tint(color, scale, value, most = 0.75) {
  const t = Math.max(0, Math.min(1, (value - scale[0]) / (scale[1] - scale[0])));
  const strength = color.diverging ? Math.abs(2 * t - 1) : t;
  const [r, g, b] = colorAt(color.table, t, [0, 0, 0]);
  return strength < 0.02 ? null : `rgba(${r},${g},${b},${(most * strength).toFixed(3)})`;
}

/** Where channels lie: values of one channel, as (places...). */
function channel(values, shape, axis, index) {
  if (axis < 0) return values;
  const at = axis - 1;
  const before = shape.slice(0, at).reduce((a, b) => a * b, 1), count = shape[at];
  const after = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const out = new Float32Array(before * after);
  for (let b = 0; b < before; b++) for (let a = 0; a < after; a++) out[b * after + a] = values[(b * count + index) * after + a];
  return out;
}

/** A curve for each channel, the map as a band under it. */
function signal({ values, model, map, look, scale, color }) {
  const axis = model.channelAxis, channels = axis < 0 ? 1 : model.input[axis - 1];
  const lines = [];
  for (let c = 0; c < Math.min(channels, 8); c++) {
    lines.push({ name: "channel " + c, values: channel(values, model.input, axis, c), className: "s" + (c % 6) });
  }
  const shown = map ? shownMap(map, look, model.places) : null;
  const band = shown ? Array.from(shown, (v) => tint(color, scale, v)) : null;
  return lineChart({ lines, band, width: 640, height: 200, xName: "place", label: `Signal of ${model.places[0]} places and ${channels} channels` });
}

/** Slices of a volume, one at a time. */
function volume({ values, model, map, look, scale, color }, state) {
  const [depth, height, width] = model.places;
  const gray = channel(values, model.input, model.channelAxis, 0);
  const shown = map ? shownMap(map, look, model.places) : null;
  const canvas = h("canvas", { width, height, class: "slice", role: "img" });
  let low = Infinity, high = -Infinity;
  for (const v of gray) { low = Math.min(low, v); high = Math.max(high, v); }
  const name = h("output", {});
  const show = (z) => {
    state.slice = z;
    const data = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      const v = Math.round(((gray[z * width * height + i] - low) / (high - low || 1)) * 255);
      data.set([v, v, v, 255], i * 4);
    }
    let image = new ImageData(data, width, height);
    if (shown) image = overlay(image, shown.subarray(z * width * height, (z + 1) * width * height), scale, color, look.alpha, false);
    canvas.getContext("2d").putImageData(image, 0, 0);
    canvas.setAttribute("aria-label", `Slice ${z + 1} of ${depth}`);
    name.textContent = `slice ${z + 1} of ${depth}`;
  };
  const slider = h("input", { type: "range", min: 0, max: depth - 1, value: state.slice ?? depth >> 1, oninput: () => show(Number(slider.value)) });
  show(Number(slider.value));
  return h("div", { class: "volume" }, canvas, labelled("Slice", slider), name);
}

/** Numbers of words, coloured. */
function words({ values, model, map, look, scale, color, words: texts }) {
  const shown = map ? shownMap(map, look, model.places) : null;
  return h("p", { class: "words" }, Array.from(values, (v, i) => {
    if (texts?.[i] === "") return null; // no word stands here
    const back = shown ? tint(color, scale, shown[i]) : null;
    const text = texts ? texts[i] : String(v);
    const word = h("span", { class: "word", tabindex: 0, title: shown ? brief(shown[i]) : null }, text.trimStart());
    if (back) word.style.backgroundColor = back;
    return [texts && !text.startsWith(" ") ? null : " ", word];
  }));
}

/** Columns of a table row, with bars. */
function table({ values, model, map, look, scale, color }) {
  const shown = map ? shownMap(map, look, model.places) : null;
  const largest = shown ? Math.max(Math.abs(scale[0]), Math.abs(scale[1])) : 1;
  return h("table", { class: "columns" },
    h("thead", {}, h("tr", {}, h("th", {}, "column"), h("th", {}, "value"), h("th", {}, "evidence"), h("th", {}))),
    h("tbody", {}, Array.from(values, (v, i) => {
      const bar = h("span", { class: "bar" });
      if (shown) {
        bar.style.width = Math.abs((shown[i] / largest) * 100).toFixed(1) + "%";
        bar.style.backgroundColor = tint(color, scale, shown[i], 1) ?? "transparent";
      }
      return h("tr", {}, h("td", {}, i), h("td", { class: "number" }, brief(v)), h("td", { class: "number" }, shown ? brief(shown[i]) : ""), h("td", { class: "track" }, bar));
    })));
}

const SHOWN = { signal, volume, words, table };

/** What shows an input of a kind, with a map or without one. */
export function showKind(kind, input, state) {
  const { map, look, model } = input;
  const color = colorMapFor(look, false);
  const scale = map ? input.scale ?? scaleOf(shownMap(map, look, model.places), { color, pixels: false }) : [0, 1];
  return SHOWN[kind]({ ...input, color, scale }, state);
}

