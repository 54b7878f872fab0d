// A report: pictures and maps that came with the file.

import { byId, fill, h } from "./dom.js";
import { bytes, outputText } from "./numbers.js";
import { pixelsOf, useColorMaps } from "./draw.js";
import { LOOK, MapGrid, lookControls } from "./view.js";

async function inflated(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function reportMap(told, filter) {
  if (!told.values) return null;
  const values = Float32Array.from(await inflated(told.values), (v) => told.low + (v / 255) * (told.high - told.low));
  return { values, shape: told.shape, filter, smaller: true, score: told.score, output: told.output };
}

async function showPicture(told, about, look, grids) {
  const maps = new Map(), filters = Object.fromEntries(about.columns.map((column) => [column.key, column.filter]));
  for (const one of told.maps) maps.set(one.unit + " " + one.column, await reportMap(one, filters[one.column]));
  const rows = [...new Map(told.maps.map((one) => [one.unit, { unit: one.unit, name: one.name, text: outputText(one, about.probabilities) }])).values()];
  const readout = h("p", { class: "readout number" }), grid = h("div", { class: "maps", role: "table" });
  const section = h("section", {}, h("h2", {}, told.name), h("div", { class: "scroll" }, grid), readout);
  const picture = await pixelsOf(new Blob([bytes(told.source)], { type: "image/jpeg" }));
  const shown = new MapGrid(grid, readout);
  const model = { places: about.places };
  const show = () => shown.show({ kind: "picture", model, picture, values: null, look, rows, columns: about.columns, map: (row, column) => maps.get(row.unit + " " + column.key) ?? null,
    status: (row, column) => (maps.get(row.unit + " " + column.key) === null ? "not finite" : "") });
  grids.push(show);
  return { section, show };
}

async function showReport() {
  const { about, pictures, colorMaps } = JSON.parse(byId("data").textContent);
  useColorMaps(colorMaps);
  const look = { ...LOOK }, grids = [];
  const pair = (name, value) => (value ? [h("dt", {}, name), h("dd", { class: "number" }, value)] : []);
  const body = h("div", {});
  const fixed = about.columns.every((column) => column.filter === "none");
  const controls = lookControls(look, () => grids.forEach((show) => show()));
  if (fixed) controls.querySelector("#sign").disabled = true;
  fill(byId("report"),
    h("header", {}, h("h1", {}, "What " + about.model + " sees")),
    h("dl", { class: "model" }, pair("Model", about.model), pair("SHA-256", about.sha256), pair("Pixels", about.preprocessing), pair("Explained", about.explained),
      pair("Methods", about.columns.map((column) => column.title + (column.note ? ` (${column.note})` : "")).join(", ")),
      pair("Made by", about.command), pair("Versions", `Keralens ${about.keralens}, Java ${about.java}`), pair("Values", "of maps are held to 1 part in 255 of their range")),
    controls, body);
  for (const told of pictures) {
    const { section, show } = await showPicture(told, about, look, grids);
    body.append(section);
    show();
  }
  document.documentElement.dataset.ready = "true";
}

if (byId("report")) showReport();
