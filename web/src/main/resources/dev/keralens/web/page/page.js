// The page: its state, what is asked of the server, and what is shown.

import { byId, choice, fill, h, say } from "./dom.js";
import { brief, outputText } from "./numbers.js";
import { pixelsOf, useColorMaps } from "./draw.js";
import { LOOK, MapGrid, lookControls } from "./view.js";
import { blobOf, floatsOf, get, post, postMap, work } from "./api.js";
import { inputPanel, inputsName } from "./input.js";
import { usual } from "./measures.js";
import { costOf, passesOf, settingsForm } from "./form.js";
import { commands, javaCode } from "./code.js";
import { filesPanel } from "./files.js";
import { brushPanel } from "./brush.js";
import { curvesPanel } from "./curves.js";
import { Gallery } from "./gallery.js";

const MOST_FLOATS = 24e6;

class Page {
  constructor() {
    this.state = { item: null, sample: null, picture: null, values: null, units: [], methods: ["gradcam"], settings: {}, layers: [], look: { ...LOOK }, tab: "files", form: "gradcam" };
    this.maps = new Map();
    this.floats = 0;
    this.errors = new Map();
    this.history = [];
    this.seen = new Map();
    this.grid = new MapGrid(byId("maps"), byId("readout"));
    this.opening = 0;
  }

  async start() {
    try {
      this.model = await get("/api/model");
    } catch (error) {
      this.notice(error.message);
      return;
    }
    useColorMaps(this.model.colorMaps);
    this.suit();
    this.readAddress();
    this.gallery = new Gallery(byId("gallery"), this);
    this.buildTop();
    this.buildDrop();
    this.buildLook();
    this.buildTabs();
    byId("cancel").addEventListener("click", () => this.cancel());
    addEventListener("popstate", () => {
      this.readAddress();
      this.buildLook();
      if (this.methods) { this.keepFitting(); this.buildMethods(); this.buildLayers(); }
      this.restore();
    });
    addEventListener("paste", (event) => this.take([...event.clipboardData.files]));
    // The first map needs neither the list of methods nor the other pictures.
    await this.restore();
    await this.first;
    this.gallery.load().catch(() => {});
    this.methods = await get("/api/methods");
    this.keepFitting();
    this.buildMethods();
    this.buildLayers();
    this.refresh();
  }

  /** Another model was read: everything is asked again. */
  async restart() {
    this.cancel();
    this.maps.clear();
    this.floats = 0;
    this.errors.clear();
    this.methods = null;
    this.gallery.forget();
    this.seen.clear();
    Object.assign(this.state, { units: [], layers: [], methods: ["gradcam"], settings: {} });
    this.model = await get("/api/model");
    this.suit();
    this.buildTop();
    this.buildDrop();
    this.methods = await get("/api/methods");
    this.keepFitting();
    this.buildMethods();
    this.buildLayers();
    this.gallery.load().catch(() => {});
    if (this.state.item) await this.open({ item: this.state.item.id }).catch((error) => this.notice(error.message));
    this.panel();
  }

  /** What is usual for the kind of the input: words speak for a class or against it. */
  suit() {
    this.usualLook = { ...LOOK, ...(this.model.kind === "words" ? { sign: "signed" } : {}) };
    Object.assign(this.state.look, this.usualLook);
    if (this.model.kind === "words") this.state.methods = ["input_x_gradient"];
    byId("h-pictures").textContent = inputsName(this.model);
  }

  /** The model with the size of what is shown, which a text has of its own. */
  shownModel() {
    const places = this.state.item?.places;
    return places ? { ...this.model, places } : this.model;
  }

  /** Leaves out what does not fit the model; where nothing is left, takes what costs least. */
  keepFitting() {
    const fitting = this.methods.filter((one) => one.fits);
    this.state.methods = this.state.methods.filter((name) => fitting.some((one) => one.name === name));
    const best = ["words", "table"].includes(this.model.kind) ? "input_x_gradient" : "gradcam";
    const usual = fitting.find((one) => one.name === best) ?? fitting.find((one) => one.passes <= 1) ?? fitting[0];
    if (!this.state.methods.length && usual) this.state.methods = [usual.name];
  }

  notice(text) {
    const box = byId("notice");
    box.hidden = !text;
    fill(box, text ?? "", text ? h("button", { type: "button", "aria-label": "Close", onclick: () => this.notice(null) }, "×") : null);
  }

  // ---- what is shown

  readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const list = (name) => (given.get(name) ? given.get(name).split("~") : null);
    this.wanted = { item: given.get("p"), sample: given.get("g") };
    if (list("u")) this.state.units = list("u").map(Number).filter((u) => u >= 0 && u < this.model.units);
    if (list("m")) this.state.methods = list("m");
    this.state.layers = list("l") ?? [];
    if (given.get("s")) { try { this.state.settings = JSON.parse(given.get("s")) ?? {}; } catch { /* as it was */ } }
    Object.assign(this.state.look, this.usualLook);
    for (const name of ["color", "sign", "scale"]) if (given.get(name)) this.state.look[name] = given.get(name);
    if (given.get("alpha")) this.state.look.alpha = Math.min(1, Math.max(0, Number(given.get("alpha")) || 0));
  }

  writeAddress(push) {
    const { item, sample, units, methods, layers, settings, look } = this.state;
    const all = new URLSearchParams();
    if (sample !== null) all.set("g", sample);
    else if (item) all.set("p", item.id);
    all.set("u", units.join("~"));
    all.set("m", methods.join("~"));
    if (layers.length) all.set("l", layers.join("~"));
    const set = Object.fromEntries(Object.entries(settings).filter(([, values]) => Object.keys(values).length));
    if (Object.keys(set).length) all.set("s", JSON.stringify(set));
    for (const name of ["color", "sign", "scale", "alpha"]) if (look[name] !== this.usualLook[name]) all.set(name, look[name]);
    const next = "#" + all;
    if (next === location.hash) return;
    if (push) {
      history.pushState(null, "", next);
      this.history.unshift({ address: next, text: `${item?.name ?? ""}: ${this.rows().map((row) => row.name).join(", ")} – ${methods.join(", ")}` });
      this.history.length = Math.min(this.history.length, 50);
    } else history.replaceState(null, "", next);
    if (this.state.tab === "code" || this.state.tab === "history") this.panel();
  }

  async restore() {
    const { item, sample } = this.wanted;
    const units = [...this.state.units];
    try {
      if (sample !== null && sample !== undefined) return await this.open({ sample: Number(sample), units });
      if (item) return await this.open({ item, units });
    } catch { /* it is gone: the first one instead */ }
    const first = this.gallery.pictures.length || (await get("/api/gallery")).pictures.length;
    if (first) return this.open({ sample: 0, units });
    byId("maps").replaceChildren(h("p", { class: "start" }, "Drop a picture anywhere on this page to see what the model sees in it."));
  }

  /** Shows an input: one that the server has, or one of the folder. */
  async open({ item, sample, units, given, address }) {
    const turn = ++this.opening;
    const got = given ?? (sample !== undefined ? await post("/api/gallery/" + sample) : await get("/api/items/" + item));
    this.early(got, units);
    let picture = null, values = null;
    if ("width" in got) picture = await pixelsOf(await blobOf(`/api/items/${got.id}/picture`));
    else values = await floatsOf(`/api/items/${got.id}/values`);
    if (turn !== this.opening) return;
    Object.assign(this.state, { item: got, sample: sample ?? null, picture, values, units: this.unitsOf(got, units) });
    if (given) this.gallery.add(got, address);
    this.errors.clear();
    this.buildClasses();
    this.gallery.draw();
    this.refresh(true);
    if (["files", "change", "curves", "code"].includes(this.state.tab)) this.panel();
    say(`${got.name}: ${got.top[0].name} ${brief(got.top[0].output, this.model.probabilities)}`);
  }

  /** The units of an input that are shown first. */
  unitsOf(item, units) {
    const kept = (units ?? []).filter((unit) => unit < this.model.units);
    return kept.length ? kept : [item.top[0].unit];
  }

  /** Asks for the first map while the picture is still on its way. */
  early(item, wanted) {
    const column = this.columns()[0], units = this.unitsOf(item, wanted);
    if (!column || units.every((unit) => this.maps.has(this.mapKey(column, unit, item)))) return;
    const abort = new AbortController();
    const promise = work("/api/explain", this.question(item, column, units), abort.signal);
    promise.catch(() => {}); // who asks for it hears of it
    this.ahead?.abort.abort();
    this.ahead = { key: this.taskKey({ item, column, units }), abort, promise };
  }

  /** Takes a text. */
  async takeText(text) {
    if (!text.trim()) return;
    try {
      this.notice(null);
      const name = text.trim().replace(/\s+/g, " ").slice(0, 100);
      const item = await post("/api/items?name=" + encodeURIComponent(name), new Blob([text]));
      await this.open({ given: item });
    } catch (error) { this.notice(error.message); }
  }

  /** Takes files: pictures, arrays, or a model. */
  async take(files) {
    for (const file of files) {
      if (/\.(keras|h5|hdf5|onnx)$/i.test(file.name)) { await this.takeModel(file); continue; }
      try {
        this.notice(null);
        const item = await post("/api/items?name=" + encodeURIComponent(file.name || "pasted.png"), file);
        const drawn = /^image\/(png|jpeg|webp|gif|bmp)$/.test(file.type);
        await this.open({ given: item, address: drawn ? URL.createObjectURL(file) : `/api/items/${item.id}/picture` });
      } catch (error) {
        this.notice(`${file.name || "The picture"}: ${error.message}`);
      }
    }
  }

  async takeModel(file) {
    try {
      this.notice("Reading the model …");
      await post("/api/model?name=" + encodeURIComponent(file.name), file);
      this.notice(null);
      await this.restart();
    } catch (error) {
      this.notice(`${file.name}: ${error.message}`);
    }
  }

  // ---- rows and columns

  method(name) {
    return this.methods?.find((one) => one.name === name);
  }

  rows() {
    const { item, units } = this.state;
    return units.map((unit) => {
      const told = item?.top.find((one) => one.unit === unit);
      return { unit, name: told?.name ?? this.model.names[unit] ?? "unit " + unit, text: told ? outputText(told, this.model.probabilities) : "" };
    });
  }

  columns() {
    const all = [];
    for (const name of this.state.methods) {
      const method = this.method(name) ?? { name, title: name, settings: [], passes: 1, layers: true, pixels: false };
      const settings = this.state.settings[name] ?? {};
      const layers = method.layers ? this.state.layers : [];
      const count = Math.max(1, layers.length);
      for (let layer = 0; layer < count; layer++) {
        const note = Object.entries(settings).map(([key, value]) => `${key} ${value}`).join(", ");
        all.push({ key: name + (count > 1 ? ":" + layers[layer] : ""), title: method.title, note: [layers[layer], note].filter(Boolean).join(", "), pixels: method.pixels, method, settings, layers, layer });
      }
    }
    return all;
  }

  mapKey(column, unit, item = this.state.item) {
    return JSON.stringify([item?.id, column.method.name, column.settings, column.layers, column.layer, unit]);
  }

  shown() {
    const all = [];
    for (const row of this.rows()) for (const column of this.columns()) {
      const map = this.maps.get(this.mapKey(column, row.unit));
      const cell = this.grid.cells.get(row.unit + " " + column.key);
      if (map) all.push({ row, column, map, canvas: this.state.picture ? cell?.canvas : null });
    }
    return all;
  }

  /** What the server is asked for files of what is shown. */
  request() {
    const { item, units, look, layers } = this.state;
    return { item: item.id, units, look, layers, methods: this.state.methods.map((name) => ({ method: name, settings: this.state.settings[name] ?? {} })) };
  }

  /** Which pictures a report can have. */
  reports() {
    const all = [["this", "this picture"]];
    if (this.seen.size > 1) all.push(["seen", `the ${this.seen.size} that were looked at`]);
    if (this.gallery.pictures.length > 1) all.push(["all", `all ${this.gallery.pictures.length} of the folder`]);
    return all;
  }

  /** The pictures of a report: with the classes that were looked at, else as many of the highest. */
  reported(which) {
    const { item, sample, units } = this.state;
    const now = sample !== null ? { sample, units } : { item: item.id, units };
    if (which === "seen") return [...this.seen.values()];
    if (which !== "all") return [now];
    return this.gallery.pictures.filter((one) => !one.unread).map((one) => this.seen.get("g" + one.number) ?? { sample: one.number, top: units.length });
  }

  // ---- asking for maps

  question(item, column, units) {
    return { item: item.id, method: column.method.name, settings: column.settings, layers: column.layers, units };
  }

  refresh(push) {
    const { item, sample, units } = this.state;
    if (!item) return;
    if (this.state.picture) this.seen.set(sample !== null ? "g" + sample : item.id, sample !== null ? { sample, units } : { item: item.id, units });
    this.writeAddress(push);
    this.show();
    if (this.methods) this.ask();
    else if (!this.running) this.first = this.ask(); // the list of methods comes later
  }

  missing() {
    const all = [];
    const { item } = this.state;
    for (const column of this.columns()) {
      if (column.layer > 0 || this.errors.has(this.mapKey(column, "all"))) continue;
      const units = this.state.units.filter((unit) => !this.maps.has(this.mapKey(column, unit)));
      if (units.length) all.push({ item, column, units });
    }
    if (!all.length && item && this.methods) {
      // What is likely to be asked for next, where it costs little.
      for (const column of this.columns()) {
        if (column.layer > 0 || passesOf(column.method, column.settings) > 4 || this.errors.has(this.mapKey(column, "all"))) continue;
        const units = item.top.slice(0, 4).map((one) => one.unit).filter((unit) => !this.maps.has(this.mapKey(column, unit)));
        if (units.length) { all.push({ item, column, units, ahead: true }); break; }
      }
    }
    return all;
  }

  async ask() {
    const next = this.missing()[0];
    if (this.running) {
      const same = next && this.running.key === this.taskKey(next);
      if (same) return;
      this.running.abort.abort();
      this.running = null;
    }
    if (!next) { this.working(null); this.measure(); return; }
    const task = { key: this.taskKey(next), abort: new AbortController(), next };
    this.running = task;
    if (!next.ahead) this.working(next, { waiting: 0, done: 0, total: 0 });
    const { column, units, item } = next;
    const keys = units.map((unit) => Array.from({ length: Math.max(1, column.layers.length) }, (_, layer) => this.mapKey({ ...column, layer }, unit)));
    const failed = this.mapKey(column, "all");
    try {
      const ahead = this.ahead?.key === task.key ? this.ahead : null;
      this.ahead = null;
      if (ahead) task.abort = ahead.abort;
      const { head, data } = await (ahead?.promise ?? work("/api/explain", this.question(item, column, units), task.abort.signal, (progress) => { if (this.running === task && !next.ahead) this.working(next, progress); }));
      this.keep(head, new Float32Array(data.buffer), units, keys);
      column.method.measured = head.millis;
    } catch (error) {
      if (error.name !== "AbortError" && !next.ahead) {
        if (error.status === 404) await this.again(item).catch(() => this.errors.set(failed, error.message));
        else this.errors.set(failed, error.message);
      } else if (next.ahead) this.errors.set(failed, error.message);
    }
    if (this.running !== task) return;
    this.running = null;
    this.working(null);
    this.show();
    if (!task.stopped) this.ask();
  }

  /** The server let a picture go: it is opened again where it can be. */
  async again(item) {
    if (this.state.sample === null) throw new Error("gone");
    await this.open({ sample: this.state.sample, units: this.state.units });
  }

  taskKey({ item, column, units }) {
    return JSON.stringify([item.id, column.method.name, column.settings, column.layers, units]);
  }

  keep(head, values, units, keys) {
    let at = 0;
    head.maps.forEach((one, layer) => {
      const size = one.shape.reduce((a, b) => a * b, 1);
      one.units.forEach((told, k) => {
        const map = { values: values.slice(at, at + size), shape: one.shape, filter: head.filter, explained: one.explained, finding: told.finding, score: told.score, output: told.output, gap: told.gap, millis: head.millis };
        at += size;
        const key = keys[k][layer] ?? keys[k][0];
        this.floats += size;
        this.maps.delete(key);
        this.maps.set(key, map);
      });
    });
    for (const [key, map] of this.maps) {
      if (this.floats < MOST_FLOATS) break;
      this.floats -= map.values.length;
      this.maps.delete(key);
    }
  }

  /** What costs a run of the network is measured once all else is there. */
  async measure() {
    if (this.model.kind !== "picture" || this.measuring) return;
    const next = this.shown().find(({ map }) => map.drop === undefined && map.shape.length === 2 && map.finding !== "not_finite");
    if (!next) return;
    this.measuring = true;
    try {
      const { drop, increases } = await postMap("/api/drop", { item: this.state.item.id, unit: next.row.unit, shape: next.map.shape }, usual(next.map));
      Object.assign(next.map, { drop: drop ?? null, increases });
    } catch { next.map.drop = null; }
    this.measuring = false;
    if (!this.running) { this.show(); this.measure(); }
  }

  cancel() {
    if (!this.running) return;
    const { next, abort } = this.running;
    this.running.stopped = true;
    this.errors.set(this.mapKey(next.column, "all"), "Cancelled. Choose the method again to go on.");
    abort.abort();
  }

  working(next, progress) {
    const box = byId("work");
    box.classList.toggle("on", !!next);
    if (!next) return;
    const { waiting, done, total } = progress;
    byId("worktext").textContent = `${next.column.title}: ` + (waiting > 0 ? `${waiting} before it` : total > 1 ? `${done} of ${total} passes` : "computing") + `, ${costOf(next.column.method, next.column.settings, this.state.item.millis)}`;
    const bar = byId("progress");
    if (total > 1) bar.value = done / total;
    else bar.removeAttribute("value");
  }

  /** Long work beside the maps. */
  async long(run, onprogress) {
    return run(new AbortController().signal, onprogress ?? (() => {}));
  }

  show() {
    const { item, picture, values, look } = this.state;
    if (!item) return;
    const findings = { negative: "only evidence against", constant: "the same everywhere", not_finite: "not finite" };
    this.grid.show({
      kind: this.model.kind, model: this.shownModel(), picture, values, words: item.words, look, rows: this.rows(), columns: this.columns(),
      map: (row, column) => { const map = this.maps.get(this.mapKey(column, row.unit)); return map?.finding === "not_finite" ? null : map; },
      status: (row, column) => {
        const error = this.errors.get(this.mapKey(column, "all"));
        const map = this.maps.get(this.mapKey(column, row.unit));
        if (!map && error) return error;
        if (map && findings[map.finding] && (map.finding !== "negative" || look.sign === "usual")) return findings[map.finding];
        return "";
      },
    });
  }

  // ---- what stands around the maps

  buildTop() {
    const { name, kind, inputs } = this.model;
    fill(byId("modelname"), h("strong", {}, name), " ", h("span", { class: "number" }, inputs.join(", ")));
    document.title = name + " – Keralens";
    const themes = { auto: "as the system", light: "light", dark: "dark" };
    let stored = "auto";
    try { stored = localStorage.getItem("keralens-theme") ?? "auto"; } catch { /* as the system */ }
    const use = (theme) => {
      if (theme === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme;
      try { localStorage.setItem("keralens-theme", theme); } catch { /* for this time only */ }
    };
    use(stored);
    fill(byId("theme"), choice(Object.entries(themes), stored, use, { "aria-label": "Light or dark" }));
  }

  buildDrop() {
    inputPanel(byId("drop"), this);
    if (this.dropping) return;
    this.dropping = true;
    addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
    addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("over"); this.take([...event.dataTransfer.files]); });
  }

  buildLook() {
    fill(byId("look"), lookControls(this.state.look, () => { this.writeAddress(false); this.show(); }));
  }

  buildClasses() {
    const { item, units } = this.state;
    const probability = this.model.probabilities;
    const rest = units.filter((unit) => !item.top.slice(0, 8).some((one) => one.unit === unit));
    const list = [...item.top.slice(0, 8), ...rest.map((unit) => item.top.find((one) => one.unit === unit) ?? { unit, name: this.model.names[unit] ?? "unit " + unit })];
    const numbers = item.top.map((one) => (typeof one.output === "number" ? one.output : 0));
    const high = probability ? 1 : Math.max(...numbers.map(Math.abs), 1e-9);
    const choose = (unit, add) => {
      const chosen = this.state.units;
      this.state.units = add ? (chosen.includes(unit) ? chosen.filter((one) => one !== unit) : [...chosen, unit]) : [unit];
      if (!this.state.units.length) this.state.units = [unit];
      this.buildClasses();
      this.refresh(true);
    };
    const row = (one) => {
      const bar = h("span", { class: "bar" });
      if (typeof one.output === "number") bar.style.width = Math.max(0, Math.min(1, Math.abs(one.output) / high)) * 100 + "%";
      const on = units.includes(one.unit);
      return h("li", { class: on ? "on" : "" },
        h("button", { type: "button", class: "class", "data-unit": one.unit, "aria-pressed": on ? "true" : "false", onclick: (event) => choose(one.unit, event.ctrlKey || event.metaKey || event.shiftKey) },
          h("span", { class: "track" }, bar), h("span", { class: "name" }, one.name), h("span", { class: "number" }, brief(one.output ?? "", probability))),
        h("label", { class: "compare", title: "Compare" }, h("input", { type: "checkbox", ".checked": on, "aria-label": "Compare " + one.name, onchange: () => choose(one.unit, true) })));
    };
    const focused = document.activeElement?.dataset?.unit;
    const box = byId("classes");
    const more = this.model.units > 8 ? h("div", { class: "control find" }, h("label", { for: "find" }, "Another class"),
      h("input", { id: "find", list: "names", placeholder: this.model.named ? "name or number" : "number", onchange: (event) => {
        const text = event.target.value.trim();
        const unit = /^\d+$/.test(text) ? Number(text) : this.model.names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
        if (unit >= 0 && unit < this.model.units) choose(unit, false);
        else this.notice(`There is no class ${text}.`);
      } }), h("datalist", { id: "names" }, this.model.names.slice(0, 2000).map((name) => h("option", { value: name })))) : null;
    fill(box, h("p", { class: "file" }, item.name, item.label ? h("span", { class: "note" }, " is " + item.label) : null), h("ol", { class: "classes" }, list.map(row)), more);
    if (focused !== undefined) box.querySelector(`button[data-unit="${focused}"]`)?.focus();
  }

  buildMethods() {
    const fitting = this.methods.filter((one) => one.fits), others = this.methods.filter((one) => !one.fits);
    const form = h("div", { class: "settings", id: "settings" });
    const settle = () => { this.errors.clear(); this.refresh(true); };
    const open = (name) => {
      this.state.form = name;
      const method = this.method(name);
      fill(title, "Settings of " + method.title);
      this.state.settings[name] ??= {};
      settingsForm(form, method, this.state.settings[name], () => this.state.item?.millis, settle);
      for (const button of list.querySelectorAll("button")) button.setAttribute("aria-expanded", button.dataset.name === name ? "true" : "false");
    };
    const title = h("h3", {});
    const row = (method) => {
      const box = h("input", { type: "checkbox", id: "m-" + method.name, "data-method": method.name, ".checked": this.state.methods.includes(method.name), onchange: () => {
        const all = this.state.methods;
        this.state.methods = box.checked ? [...all, method.name] : all.filter((one) => one !== method.name);
        if (!this.state.methods.length) { this.state.methods = [method.name]; box.checked = true; }
        settle();
      } });
      const cost = method.passes > 1 ? method.passes.toLocaleString("en") + "×" : "1×";
      return h("li", {}, box, h("label", { for: box.id, title: method.summary }, method.title), h("span", { class: "number", title: "How often the network runs" }, cost),
        h("button", { type: "button", class: "gear", "data-name": method.name, "aria-expanded": "false", "aria-controls": "settings", "aria-label": "Settings of " + method.title, onclick: () => open(method.name) }, "⋯"));
    };
    const list = h("ul", { class: "methods" }, fitting.map(row));
    fill(byId("methods"), list, title, form,
      others.length ? h("details", {}, h("summary", {}, `${others.length} do not fit this model`), h("ul", { class: "refused" }, others.map((one) => h("li", {}, h("strong", {}, one.title), ": ", one.refusal)))) : null);
    const first = [this.state.form, ...this.state.methods].find((name) => this.state.methods.includes(name)) ?? fitting[0]?.name;
    if (first) open(first);
  }

  buildLayers() {
    const usual = this.model.layers.find((layer) => layer.marks.includes("explained activation"));
    const all = this.model.layers.map((layer, index) => ({ ...layer, index })).filter((layer) => layer.spatial);
    const change = (name, on) => {
      this.state.layers = on ? [...this.state.layers, name] : this.state.layers.filter((one) => one !== name);
      this.errors.clear();
      this.refresh(true);
    };
    fill(byId("layers"), h("p", { class: "note" }, usual ? `Without a choice: ${usual.name}.` : "Choose the layer to explain.", " Several give a column each."),
      h("ul", { class: "layers" }, all.map((layer) => {
        const box = h("input", { type: "checkbox", id: "l-" + layer.index, ".checked": this.state.layers.includes(layer.name), onchange: () => change(layer.name, box.checked) });
        return h("li", {}, box, h("label", { for: box.id }, layer.name), h("span", { class: "number" }, layer.shapes.join(" ")));
      })));
  }

  // ---- more

  buildTabs() {
    const tabs = { files: "Take along", curves: "Measures", change: "Change and check", code: "The same elsewhere", history: "History", model: "Model" };
    const box = byId("tabs");
    fill(box, Object.entries(tabs).map(([name, text]) => h("button", { type: "button", role: "tab", id: "tab-" + name, "aria-controls": "panel", "aria-selected": String(this.state.tab === name), tabindex: this.state.tab === name ? 0 : -1,
      onclick: () => { this.state.tab = name; this.buildTabs(); byId("tab-" + name).focus(); },
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const names = Object.keys(tabs);
        this.state.tab = names[(names.indexOf(name) + step + names.length) % names.length];
        this.buildTabs();
        byId("tab-" + this.state.tab).focus();
      } }, text)));
    this.panel();
  }

  panel() {
    const panel = byId("panel");
    panel.setAttribute("aria-labelledby", "tab-" + this.state.tab);
    if (!this.state.item && this.state.tab !== "model") { fill(panel); return; }
    ({ files: filesPanel, curves: curvesPanel, change: brushPanel, code: codePanel, history: historyPanel, model: modelPanel })[this.state.tab](panel, this);
  }
}

function codePanel(panel, page) {
  const { item, units, layers, look } = page.state;
  const methods = [...new Map(page.columns().map((column) => [column.method.name, { method: column.method, settings: column.settings }])).values()];
  const told = { model: page.model, names: [item.name], text: item.text, files: item.files, methods, units, layers, look };
  const block = (title, text) => h("section", {}, h("h3", {}, title),
    h("pre", { tabindex: 0 }, h("code", {}, text)),
    h("button", { type: "button", onclick: (event) => { navigator.clipboard.writeText(text); event.currentTarget.textContent = "Copied"; } }, "Copy"));
  fill(panel, h("div", { class: "code" }, block("The same in the terminal", commands(told)), block("The same in Java", javaCode(told))));
}

function historyPanel(panel, page) {
  fill(panel, page.history.length ? h("ol", { class: "history" }, page.history.map((one) => h("li", {}, h("a", { href: one.address }, one.text)))) : h("p", {}, "What you look at is listed here. The browser's Back goes back, too."));
}

function modelPanel(panel, page) {
  const { model } = page;
  const pair = (name, value) => (value ? [h("dt", {}, name), h("dd", { class: "number" }, value)] : []);
  fill(panel, h("dl", { class: "model" },
    pair("Model", model.name), pair("Format", model.format), pair("SHA-256", model.sha256), pair("Inputs", model.inputs.join(", ")), pair("Outputs", model.outputs.join(", ")),
    pair("Pixels", model.preprocessing), pair("Explained", model.explained), model.findings.map((one) => pair(one.what, one.ground)),
    pair("Weights", model.parameters.toLocaleString("en")), pair("Device", model.device), pair("Versions", `Keralens ${model.keralens}, Java ${model.java}`)),
    h("div", { class: "scroll" }, h("table", { class: "layertable" }, h("thead", {}, h("tr", {}, ["layer", "class", "output", "weights", ""].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, model.layers.map((layer) => h("tr", {}, h("th", { scope: "row" }, layer.name), h("td", {}, layer.class), h("td", { class: "number" }, layer.shapes.join(" ")), h("td", { class: "number" }, layer.parameters.toLocaleString("en")), h("td", {}, layer.marks.join(", "))))))));
}

const page = new Page();
globalThis.keralens = page;
page.start();

