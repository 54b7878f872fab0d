// What goes in: files, a file for each input, or a text.

import { choice, fill, h, labelled } from "./dom.js";
import { post } from "./api.js";

const ARRAYS = ".npy,.npz,.csv,.tsv,.wav,.nii,.gz", PICTURES = "image/*,.tif,.tiff,.webp", MODELS = ".keras,.h5,.onnx";

/** What the things are called that the page shows. */
export function inputsName(model) {
  return { picture: "Pictures", words: "Texts", signal: "Signals", volume: "Volumes", table: "Rows" }[model.kind] ?? "Inputs";
}

function filePart(page) {
  const picture = page.model.kind === "picture";
  const input = h("input", { type: "file", id: "pick", multiple: true, class: "hidden", accept: picture ? [PICTURES, ARRAYS, MODELS].join() : [ARRAYS, MODELS].join(), onchange: () => { page.take([...input.files]); input.value = ""; } });
  return [h("label", { for: "pick", class: "pick" }, picture ? "Choose pictures" : "Choose files"), input,
    h("span", { class: "note" }, picture ? "or drop them anywhere, or paste." : "NumPy, CSV, WAV, NIfTI; or drop them anywhere.")];
}

function textPart(page) {
  const area = h("textarea", { id: "text", rows: 4, "aria-label": "A text to explain", placeholder: "A text to explain", ".value": page.state.item?.text ?? "",
    onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); page.takeText(area.value); } } });
  return [area, h("button", { type: "button", class: "pick", onclick: () => page.takeText(area.value) }, "Explain"), h("span", { class: "note" }, "Control and Enter, too.")];
}

function partsPart(page) {
  const { parts, explainedInput } = page.model, chosen = new Map();
  const show = async () => {
    try {
      button.disabled = true;
      page.notice(null);
      const ids = {};
      for (const part of parts) ids[part] = (await post("/api/parts?name=" + encodeURIComponent(chosen.get(part).name), chosen.get(part))).id;
      const item = await post("/api/sets", { parts: ids });
      await page.open({ given: item, address: URL.createObjectURL(chosen.get(parts[explainedInput])) });
    } catch (error) { page.notice(error.message); } finally { button.disabled = false; }
  };
  const button = h("button", { type: "button", class: "pick", id: "together", disabled: true, onclick: show }, "Show");
  const fields = parts.map((part, i) => labelled(part, h("input", { type: "file", id: "part-" + i, accept: [PICTURES, ARRAYS].join(),
    onchange: (event) => { const file = event.target.files[0]; if (file) chosen.set(part, file); else chosen.delete(part); button.disabled = chosen.size < parts.length; } })));
  const explain = choice(parts, parts[explainedInput], async (name) => {
    try { await post("/api/explained", { input: name }); await page.restart(); } catch (error) { page.notice(error.message); }
  }, { id: "explained" });
  return [fields, button, h("span", { class: "note" }, "or drop an .npz file with arrays of these names."), labelled("Explained", explain)];
}

/** The part of the page that takes inputs. */
export function inputPanel(box, page) {
  const { kind, parts } = page.model;
  fill(box, kind === "words" && !parts.length && page.model.text ? textPart(page) : parts.length ? partsPart(page) : filePart(page));
}
