// Line charts: curves of measures, and signals with their maps.

import { h } from "./dom.js";
import { brief } from "./numbers.js";

const WIDTH = 320, HEIGHT = 120, LEFT = 40, BOTTOM = 18, TOP = 6;

/**
 * Draws lines over a range of 0 to 1 or of places.
 *
 * @param lines each {name, values, className}
 */
export function lineChart({ lines, xName, yName, band, width = WIDTH, height = HEIGHT, label }) {
  const all = lines.flatMap((line) => Array.from(line.values)).filter(Number.isFinite);
  let low = Math.min(...all), high = Math.max(...all);
  if (!(high > low)) { high = low + 1; }
  const x = (i, n) => LEFT + (i / Math.max(1, n - 1)) * (width - LEFT - 8);
  const y = (v) => TOP + (1 - (v - low) / (high - low)) * (height - TOP - BOTTOM);
  const parts = [];
  if (band) {
    const n = band.length;
    for (let i = 0; i < n; i++) {
      if (!band[i]) continue;
      const from = LEFT + (i / n) * (width - LEFT - 8), wide = (width - LEFT - 8) / n;
      parts.push(h("rect", { x: from.toFixed(2), y: TOP, width: (wide + 0.3).toFixed(2), height: height - TOP - BOTTOM, fill: band[i] }));
    }
  }
  parts.push(h("line", { class: "axis", x1: LEFT, x2: width - 8, y1: height - BOTTOM, y2: height - BOTTOM }));
  parts.push(h("text", { class: "tick", x: LEFT - 4, y: y(high) + 9, "text-anchor": "end" }, brief(high)));
  parts.push(h("text", { class: "tick", x: LEFT - 4, y: height - BOTTOM, "text-anchor": "end" }, brief(low)));
  if (xName) parts.push(h("text", { class: "tick", x: width - 8, y: height - 4, "text-anchor": "end" }, xName));
  if (yName) parts.push(h("text", { class: "tick", x: LEFT + 4, y: TOP + 10 }, yName));
  for (const line of lines) {
    const points = Array.from(line.values, (v, i) => `${x(i, line.values.length).toFixed(2)},${y(v).toFixed(2)}`).join(" ");
    parts.push(h("polyline", { class: "line " + (line.className ?? ""), points }));
  }
  return h("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label ?? lines.map((line) => line.name).join(", ") }, parts);
}
