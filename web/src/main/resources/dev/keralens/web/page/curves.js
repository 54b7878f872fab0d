// How well a map says where the evidence is: scores while the strongest places are taken away, or put in.

import { fill, h } from "./dom.js";
import { brief } from "./numbers.js";
import { lineChart } from "./chart.js";
import { work } from "./api.js";

/** The mean height of a curve. */
export function area(values) {
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += (values[i - 1] + values[i]) / 2;
  return sum / Math.max(1, values.length - 1);
}

/** Curves of one map. */
export function curveFigure({ deletion, insertion, title }) {
  return h("figure", { class: "curve" }, h("figcaption", {}, title),
    lineChart({ lines: [{ name: "deletion", values: deletion, className: "s0" }, { name: "insertion", values: insertion, className: "s1" }], xName: "share of places", label: `Deletion and insertion curves of ${title}` }),
    h("p", { class: "number" }, h("span", { class: "key s0" }, "deletion " + brief(area(deletion))), " ", h("span", { class: "key s1" }, "insertion " + brief(area(insertion)))));
}

export function curvesPanel(panel, page) {
  const { picture } = page.state;
  if (page.model.kind !== "picture" || !picture) { fill(panel, h("p", {}, "Curves are drawn for pictures.")); return; }
  const out = h("div", { class: "curves" }), status = h("span", { class: "note", role: "status" });
  const run = async () => {
    button.disabled = true;
    fill(out);
    try {
      for (const row of page.rows()) for (const column of page.columns()) {
        if (column.layer > 0) continue;
        status.textContent = `${column.title} for ${row.name} …`;
        const { head } = await page.long((signal, progress) => work("/api/curves", { item: page.state.item.id, method: column.method.name, settings: column.settings, layers: column.layers, units: [row.unit] }, signal, progress));
        out.append(curveFigure({ ...head, title: `${column.title}, ${row.name}` }));
      }
      status.textContent = "";
    } catch (error) { status.textContent = error.message; }
    button.disabled = false;
  };
  const button = h("button", { type: "button", onclick: run }, "Measure the maps that are shown");
  fill(panel, h("p", {}, "Deletion: the output while the strongest places of the map are blurred away; a good map makes it fall early. Insertion: the output while they come back; a good map makes it rise early."), button, " ", status, out);
}
