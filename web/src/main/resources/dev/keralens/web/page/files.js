// What can be taken along: pictures, numbers, a description, a report, a file for other programs.

import { choice, fill, h, save } from "./dom.js";
import { npy } from "./numbers.js";
import { filterFor, shownMap } from "./draw.js";
import { work } from "./api.js";

const plain = (name) => name.replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "_").slice(0, 60) || "picture";

/** What the maps are, for people and programs that find the files later. */
export function manifest(state, model, shown) {
  return {
    keralens: model.keralens,
    model: { name: model.name, sha256: model.sha256, preprocessing: model.preprocessing, input: model.input },
    picture: state.item.name,
    values: state.look.sign,
    maps: shown.map(({ row, column, map }) => ({
      class: row.name, unit: row.unit, method: column.method.name, settings: column.settings, layer: map.explained,
      filter: filterFor(state.look, map.filter), score: map.score, output: map.output, finding: map.finding, shape: model.places,
    })),
  };
}

/** The files of what is on the screen. */
export function filesPanel(panel, page) {
  const say = h("span", { class: "note", role: "status" });
  const shown = () => page.shown();
  const button = (text, hint, run) => h("button", { type: "button", title: hint, onclick: async (event) => {
    const self = event.currentTarget;
    self.disabled = true;
    say.textContent = "";
    try { await run(); } catch (error) { say.textContent = error.message; } finally { self.disabled = false; }
  } }, text);
  const drawn = !!page.state.picture;
  const name = () => plain(page.state.item.name);
  const picture = () => Promise.all(shown().filter((one) => one.canvas).map(({ row, column, canvas }) => new Promise((done) => canvas.toBlob((blob) => {
    save(`${name()}-${column.key.replace(/[^\w.-]+/g, "_")}-${plain(row.name)}.png`, blob);
    done();
  }))));
  const numbers = async () => {
    const all = shown(), places = page.model.places, size = places.reduce((a, b) => a * b, 1);
    for (const column of new Set(all.map((one) => one.column))) {
      const maps = all.filter((one) => one.column === column);
      const values = new Float32Array(size * maps.length);
      maps.forEach(({ map }, k) => shownMap(map, page.state.look, places).forEach((v, i) => { values[i * maps.length + k] = v; }));
      save(`${name()}-${column.key.replace(/[^\w.-]+/g, "_")}.npy`, new Blob([npy(values, [1, ...places, maps.length])]));
    }
  };
  const describe = () => save(name() + ".json", new Blob([JSON.stringify(manifest(page.state, page.model, shown()), null, 2)], { type: "application/json" }));
  const asked = (path) => page.long((signal, progress) => work(path, page.request(), signal, progress));
  const which = page.reports();
  let chosen = which[0][0];
  const report = async () => {
    const pictures = page.reported(chosen);
    const { data } = await page.long((signal, progress) => work("/api/report", { ...page.request(), pictures }, signal, progress), ({ done, total }) => { say.textContent = total > 1 ? `${done} of ${total}` : ""; });
    say.textContent = "";
    save((chosen === "this" ? name() : plain(page.model.name)) + ".html", new Blob([data], { type: "text/html" }));
  };
  const onnx = async () => {
    const { data } = await asked("/api/export");
    save(plain(page.model.name) + "-" + page.columns()[0].method.name.replace(/\W+/g, "_") + ".onnx", new Blob([data]));
  };
  fill(panel,
    h("dl", { class: "files" },
      drawn ? [h("dt", {}, button("Pictures", "PNG", picture)), h("dd", {}, "A PNG of each map over the picture, as it is drawn here.")] : null,
      h("dt", {}, button("Numbers", "NPY", numbers)), h("dd", {}, "A NumPy array of each method's maps: (1, height, width, class)."),
      h("dt", {}, button("Description", "JSON", describe)), h("dd", {}, "What the maps are: model and its hash, method, settings, scores."),
      drawn ? [h("dt", {}, button("Report", "HTML", report)), h("dd", {}, "One file to send: maps with the same controls, without a network. ", choice(which, chosen, (value) => { chosen = value; }, { id: "reported", "aria-label": "Which pictures go into the report" }))] : null,
      h("dt", {}, button("Explainer", "ONNX", onnx)), h("dd", {}, "The model with the first method as one ONNX file, for other programs.")),
    say);
}
