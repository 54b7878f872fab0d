// What can be told of a map by numbers, at its own resolution.

import { FILTERS } from "./numbers.js";

/** A map as its method usually shows it, before it is resized. */
export function usual(map) {
  if (!map.usual) map.usual = FILTERS[map.filter || "normalize"](map.values);
  return map.usual;
}

/** How much a map is gathered in few places: the Gini coefficient of the sizes of its values. */
export function sparseness(values) {
  const sizes = Float64Array.from(values, Math.abs).sort();
  let sum = 0, weighted = 0;
  sizes.forEach((v, i) => { sum += v; weighted += (2 * (i + 1) - sizes.length - 1) * v; });
  return sum > 0 ? weighted / (sizes.length * sum) : 0;
}

/** The rank of each value; equal ones share theirs. */
function ranks(values) {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[i]]) end++;
    for (let k = i; k <= end; k++) out[order[k]] = (i + end) / 2;
    i = end + 1;
  }
  return out;
}

/** Spearman's rank correlation; NaN where one of them is the same everywhere. */
export function rankCorrelation(one, other) {
  const a = ranks(one), b = ranks(other), mean = (a.length - 1) / 2;
  let ab = 0, aa = 0, bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) ** 2;
    bb += (b[i] - mean) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : NaN;
}

/** The measures of a map in a few words; none of a map that was made smaller, as in a report. */
export function facts(map) {
  if (map.smaller) return "";
  map.sparse ??= sparseness(usual(map));
  const all = [`sparseness ${map.sparse.toFixed(2)}`];
  if (map.drop !== undefined && map.drop !== null) all.push(map.increases ? "drop 0 %, rises" : `drop ${Math.round(map.drop * 100)} %`);
  if (typeof map.gap === "number") all.push(`gap ${map.gap.toPrecision(2)}`);
  return all.map((one) => one.replaceAll(" ", "\u00a0")).join(" · ");
}

export const FACTS = "Sparseness: the Gini coefficient of the map at its own resolution; 1 is all in one place. Drop: how far the output falls where only what the map marks is left of the picture, the rest black (Grad-CAM++). Gap: how far the map's sum is from the difference that it should explain.";
