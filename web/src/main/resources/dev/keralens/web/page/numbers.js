// Numbers of maps: filters, sizes, scales. The same arithmetic as the library's.

/** A number as people read it. */
export function brief(value, probability = false) {
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return String(value);
  if (probability) {
    const percent = value * 100;
    if (percent > 99.95) return "100 %";
    if (percent < 0.05) return percent < 0.01 ? "< 0.01 %" : percent.toFixed(2) + " %";
    return percent.toFixed(1) + " %";
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e5)) return value.toExponential(2);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** What a model says of a unit: its output, and the logit behind a probability. */
export function outputText({ output, score }, probability) {
  const told = brief(output, probability);
  return probability && typeof score === "number" && score !== output ? `${told}, logit ${brief(score)}` : told;
}

export function millis(value) {
  if (value < 950) return Math.max(1, Math.round(value)) + " ms";
  const seconds = value / 1000;
  if (seconds < 90) return (seconds < 9.5 ? seconds.toFixed(1) : Math.round(seconds)) + " s";
  return Math.round(seconds / 60) + " min";
}

export function range(values) {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}

const f = Math.fround;

function scaled(values) {
  const low = range(values)[0];
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i] - low);
  const high = range(out)[1];
  if (high !== 0) for (let i = 0; i < out.length; i++) out[i] = f(out[i] / high);
  return out;
}

function each(values, change) {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = change(values[i]);
  return out;
}

const positive = (v) => (v > 0 ? v : 0);
const negative = (v) => (v < 0 ? v : 0);

/** The library's filters by their names. */
export const FILTERS = {
  none: (values) => values,
  normalize: scaled,
  positive: (values) => each(values, positive),
  negative: (values) => each(values, negative),
  absolute: (values) => each(values, Math.abs),
  positive_normalize: (values) => scaled(each(values, positive)),
  negative_normalize: (values) => scaled(each(values, (v) => positive(-v))),
  absolute_normalize: (values) => scaled(each(values, Math.abs)),
};

/** How many numbers a shape has. */
export function product(shape) {
  return shape.reduce((all, one) => all * one, 1);
}

/** Resizes one axis, (before, axis, after), linearly with half-pixel centres, as tf.image.resize does. */
function along(values, before, from, after, to) {
  if (from === to) return values;
  const out = new Float32Array(before * to * after);
  for (let i = 0; i < to; i++) {
    const centre = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(centre), second = Math.min(first + 1, from - 1);
    const part = centre - first;
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        const one = values[(b * from + first) * after + a], other = values[(b * from + second) * after + a];
        out[(b * to + i) * after + a] = one + (other - one) * part;
      }
    }
  }
  return out;
}

/** A map of any number of axes in another size, as maps come to the size of the input. */
export function toSize(values, shape, sizes) {
  let now = [...shape], out = values;
  for (let axis = 0; axis < sizes.length; axis++) {
    const before = product(now.slice(0, axis)), after = product(now.slice(axis + 1));
    out = along(out, before, now[axis], after, sizes[axis]);
    now[axis] = sizes[axis];
  }
  return out;
}

/** The weights that take one axis to another size, averaging where it shrinks. */
function weights(from, to) {
  const scale = from / to, wide = Math.max(scale, 1), all = [];
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - wide + 0.5));
    const end = Math.min(from, Math.trunc(centre + wide + 0.5));
    const w = [];
    let sum = 0;
    for (let k = first; k < end; k++) {
      const d = Math.abs((k - centre + 0.5) / wide);
      w.push(d < 1 ? 1 - d : 0);
      sum += w[w.length - 1];
    }
    all.push([first, w.map((v) => v / sum)]);
  }
  return all;
}

/** A map (height, width) in the size of the picture that it is drawn over. */
export function toPicture(values, [height, width], [toHeight, toWidth]) {
  let out = values;
  const across = () => {
    if (width === toWidth) return;
    const all = weights(width, toWidth), next = new Float32Array(height * toWidth);
    for (let y = 0; y < height; y++) for (let x = 0; x < toWidth; x++) {
      const [first, w] = all[x];
      let sum = 0;
      for (let k = 0; k < w.length; k++) sum += out[y * width + first + k] * w[k];
      next[y * toWidth + x] = sum;
    }
    out = next;
    width = toWidth;
  };
  const down = () => {
    if (height === toHeight) return;
    const all = weights(height, toHeight), next = new Float32Array(toHeight * width);
    for (let y = 0; y < toHeight; y++) {
      const [first, w] = all[y];
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0; k < w.length; k++) sum += out[(first + k) * width + x] * w[k];
        next[y * width + x] = sum;
      }
    }
    out = next;
    height = toHeight;
  };
  if (height - toHeight > 0 && height - toHeight > 2 * (width - toWidth)) { down(); across(); } else { across(); down(); }
  return out;
}

/** From how many values down a map of pixels has its strongest colour: the 99th percentile. */
export function strong(values) {
  const sizes = each(values, Math.abs).sort();
  const high = sizes[Math.trunc(0.99 * (sizes.length - 1))];
  return high > 0 ? high : sizes[sizes.length - 1];
}

/** Base64 as bytes. */
export function bytes(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** A NumPy file of floats. */
export function npy(values, shape) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const head = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const out = new Uint8Array(10 + head.length + values.length * 4);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, head.length & 255, head.length >> 8]);
  out.set(new TextEncoder().encode(head), 10);
  const data = new DataView(out.buffer, 10 + head.length);
  values.forEach((v, i) => data.setFloat32(i * 4, v, true));
  return out;
}
