// Does a map care what the last layer learned? Its weights are shuffled, and the map computed again.

import { fill, h } from "./dom.js";
import { brief } from "./numbers.js";
import { colorMapFor, overlay, scaleOf, shownMap, sized } from "./draw.js";
import { showKind } from "./kinds.js";
import { rankCorrelation, usual } from "./measures.js";
import { work } from "./api.js";

/** What a rank correlation says of a map. */
export function verdict(correlation) {
  if (Number.isNaN(correlation)) return "one of the two is the same everywhere";
  if (correlation > 0.9) return "nearly the same map: it hardly depends on what this layer learned";
  return correlation > 0.5 ? "a similar map: it depends on this layer in part" : "another map: it depends on what this layer learned";
}

function drawn(page, column, map) {
  const { look, picture } = page.state, model = page.shownModel();
  if (!picture) return showKind(model.kind, { values: page.state.values, words: page.state.item.words, model, map, look, scale: null }, {});
  const color = colorMapFor(look, column.pixels);
  const scale = scaleOf(shownMap(map, look, model.places), { color, pixels: column.pixels });
  const canvas = h("canvas", { class: "map", width: picture.width, height: picture.height, role: "img", "aria-label": column.title });
  canvas.getContext("2d").putImageData(overlay(picture, sized(map, look, model.places, picture), scale, color, look.alpha, column.pixels), 0, 0);
  return canvas;
}

export function shufflePanel(page) {
  const out = h("div", { class: "shuffled" }), status = h("span", { class: "note", role: "status" });
  const run = async () => {
    button.disabled = true;
    fill(out);
    try {
      for (const { row, column, map } of page.shown()) {
        status.textContent = `${column.title} for ${row.name} …`;
        const { item } = page.state;
        const { head, data } = await page.long((signal, progress) => work("/api/randomized", { item: item.id, method: column.method.name, settings: column.settings, layers: column.layers, units: [row.unit] }, signal, progress));
        if (item !== page.state.item) return;
        const values = new Float32Array(data.buffer), sizes = head.maps.map((one) => one.shape.reduce((a, b) => a * b, 1));
        const at = sizes.slice(0, column.layer).reduce((a, b) => a + b, 0), one = head.maps[column.layer] ?? head.maps[0];
        const other = { values: values.slice(at, at + sizes[column.layer]), shape: one.shape, filter: head.filter };
        const correlation = rankCorrelation(usual(map), usual(other));
        const told = one.units[0];
        out.append(h("figure", {}, h("figcaption", {}, `${column.title}, ${row.name}`),
          h("div", { class: "pair" }, h("div", {}, drawn(page, column, map), h("p", { class: "note" }, "as trained")), h("div", {}, drawn(page, column, other), h("p", { class: "note" }, `${head.layer} shuffled, output ${brief(told.output, page.model.probabilities)}`))),
          h("p", {}, h("span", { class: "number" }, `rank correlation ${Number.isNaN(correlation) ? "–" : correlation.toFixed(2)}`), ": ", verdict(correlation), ".")));
      }
      status.textContent = "";
    } catch (error) { status.textContent = error.message; } finally { button.disabled = false; }
  };
  const button = h("button", { type: "button", id: "shuffle", onclick: run }, "Shuffle the last layer's weights");
  return h("section", {}, h("h3", {}, "Forget what the last layer learned"),
    h("p", {}, "A map that stays the same when weights are shuffled says little of what the model learned (Adebayo et al., 2018)."), button, " ", status, out);
}
