// Draws maps over pictures on a canvas, as the library draws them: from floats, at once.

import { FILTERS, bytes, range, strong, toPicture, toSize } from "./numbers.js";

const colors = new Map();

/** Takes the colour maps of the library. */
export function useColorMaps(list) {
  for (const { name, diverging, colors: text } of list) colors.set(name, { name, diverging, table: bytes(text) });
}

export function colorMaps() {
  return [...colors.values()];
}

/** The colour map that is drawn: what was chosen, else what suits the map. */
export function colorMapFor(look, pixels) {
  if (look.color !== "auto" && colors.has(look.color)) return colors.get(look.color);
  return colors.get(look.sign === "signed" ? "coolwarm" : pixels ? "inferno" : "jet");
}

/** The filter of a look: what the method usually shows, or what was chosen. */
export function filterFor(look, usual) {
  if (look.sign === "signed") return "none";
  if (look.sign === "absolute") return "absolute";
  return usual || "normalize";
}

/** A map after its filter, in the size of the input. */
export function shownMap(map, look, sizes) {
  const filtered = FILTERS[filterFor(look, map.filter)](map.values);
  return toSize(filtered, map.shape, sizes);
}

/** The scale of maps: from the value of the first colour to that of the last. */
export function scaleOf(values, { color, pixels }) {
  if (pixels) {
    const high = strong(values);
    if (high > 0) return [color.diverging ? -high : 0, high];
  }
  const [low, high] = range(values);
  if (color.diverging) {
    const largest = Math.max(-low, high);
    return largest === 0 ? [-1, 1] : [-largest, largest];
  }
  const lowest = Math.min(0, low);
  return high > lowest ? [lowest, high] : [lowest, lowest + 1];
}

/** The colour at a part of 0 to 1. */
export function colorAt(table, t, out) {
  const last = table.length / 3 - 1, place = t * last;
  const i = Math.min(Math.floor(place), last - 1), part = place - i;
  for (let c = 0; c < 3; c++) {
    const one = table[i * 3 + c];
    out[c] = Math.round(one + part * (table[i * 3 + 3 + c] - one));
  }
  return out;
}

/** A dark copy without colours, over which single pixels can be seen. */
function dark(pixels) {
  const out = new Uint8ClampedArray(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const gray = (pixels[i] * 19595 + pixels[i + 1] * 38470 + pixels[i + 2] * 7471 + 0x8000) >> 16;
    out[i] = out[i + 1] = out[i + 2] = Math.round(Math.fround(gray * Math.fround(0.4)));
    out[i + 3] = 255;
  }
  return out;
}

/**
 * Draws a map over a picture.
 *
 * @param picture ImageData of the picture
 * @param values the map in the size of the picture
 */
export function overlay(picture, values, scale, color, alpha, pixels) {
  const under = pixels ? (picture.dark ??= dark(picture.data)) : picture.data;
  const out = new Uint8ClampedArray(under);
  const opacity = pixels ? 1 : alpha, [low, high] = scale, rgb = [0, 0, 0], table = color.table, diverging = color.diverging;
  for (let i = 0, at = 0; i < values.length; i++, at += 4) {
    const t = Math.max(0, Math.min(1, (values[i] - low) / (high - low)));
    const d = diverging ? Math.abs(2 * t - 1) : t;
    const share = opacity * d * d * (3 - 2 * d);
    if (share === 0) continue;
    colorAt(table, t, rgb);
    out[at] = Math.round(under[at] + share * (rgb[0] - under[at]));
    out[at + 1] = Math.round(under[at + 1] + share * (rgb[1] - under[at + 1]));
    out[at + 2] = Math.round(under[at + 2] + share * (rgb[2] - under[at + 2]));
  }
  return new ImageData(out, picture.width, picture.height);
}

/** The pixels of a picture file. */
export async function pixelsOf(blob) {
  const image = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  image.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** A map over a picture in the size of the picture; what was computed last is kept with the map. */
export function sized(map, look, sizes, picture) {
  const key = filterFor(look, map.filter) + picture.width + "x" + picture.height;
  if (map.sizedKey !== key) {
    map.sizedKey = key;
    map.shown = shownMap(map, look, sizes);
    map.sized = toPicture(map.shown, sizes, [picture.height, picture.width]);
  }
  return map.sized;
}

/** Draws a bar of the colours with the ends of its scale. */
export function drawBar(canvas, color) {
  canvas.width = 256;
  canvas.height = 1;
  const image = new ImageData(256, 1), rgb = [0, 0, 0];
  for (let i = 0; i < 256; i++) {
    colorAt(color.table, i / 255, rgb);
    image.data.set([...rgb, 255], i * 4);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
