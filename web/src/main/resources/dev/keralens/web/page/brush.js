// Changes of the picture, and of the model: does the score follow, does the map?

import { choice, fill, h, labelled } from "./dom.js";
import { brief } from "./numbers.js";
import { post } from "./api.js";
import { shufflePanel } from "./shuffle.js";

/** A copy of the picture to erase from. */
export function brushPanel(panel, page) {
  const { picture, item } = page.state;
  if (!picture) { fill(panel, shufflePanel(page)); return; }
  const canvas = h("canvas", { class: "brush", width: picture.width, height: picture.height, tabindex: 0, role: "img", "aria-label": "Paint over what shall go. Arrow keys move, space paints." });
  const context = canvas.getContext("2d");
  context.putImageData(picture, 0, 0);
  let spots = [], radius = 0.06, filling = "mean", at = [0.5, 0.5];
  const paint = (x, y) => {
    spots.push([x, y, radius]);
    context.fillStyle = "#e5007a";
    context.beginPath();
    context.arc(x * picture.width, y * picture.height, radius * Math.max(picture.width, picture.height), 0, 7);
    context.fill();
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); paint(...place(event)); });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) paint(...place(event)); });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) { event.preventDefault(); at = at.map((v, i) => Math.min(1, Math.max(0, v + step[i] * 0.03))); }
    if (event.key === " ") { event.preventDefault(); paint(...at); }
  });
  const size = h("input", { type: "range", min: 1, max: 25, value: 6, oninput: () => { radius = size.value / 100; } });
  const result = h("div", { class: "changes", role: "status" });
  const erase = async () => {
    if (!spots.length) { fill(result, "Paint over something first."); return; }
    try {
      const changed = await post("/api/erase", { item: item.id, filling, spots: spots.slice(0, 5000) });
      const rows = page.rows().map((row) => {
        const before = item.top.find((one) => one.unit === row.unit), after = changed.top.find((one) => one.unit === row.unit);
        return h("tr", {}, h("th", { scope: "row" }, row.name), [before, after].map((one) => h("td", { class: "number" }, one ? brief(one.output, page.model.probabilities) : "–")));
      });
      fill(result, h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "class"), h("th", {}, "before"), h("th", {}, "after"))), h("tbody", {}, rows)),
        h("button", { type: "button", onclick: () => page.open({ item: changed.id, units: page.state.units }) }, "See the maps of the changed picture"));
    } catch (error) { fill(result, error.message); }
  };
  fill(panel, h("h3", {}, "Paint over what shall go"), h("div", { class: "brushbox" }, canvas, h("div", {},
    labelled("Brush", size),
    labelled("Filled with", choice([["mean", "the mean colour"], ["black", "black"], ["white", "white"], ["blur", "the picture, blurred"]], filling, (value) => { filling = value; })),
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: erase }, "Erase"),
      h("button", { type: "button", onclick: () => { spots = []; context.putImageData(picture, 0, 0); fill(result); } }, "Start again")),
    result)), shufflePanel(page));
}
