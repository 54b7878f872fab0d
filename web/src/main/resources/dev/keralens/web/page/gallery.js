// The pictures of the folder, and those that were added.

import { choice, fill, h } from "./dom.js";
import { brief } from "./numbers.js";
import { get, post, postMap, work } from "./api.js";
import { sparseness, usual } from "./measures.js";

/** What pictures are sorted by that has to be computed first, from the map of the highest class. */
const MEASURES = { gathered: (rating) => -rating.sparse, spread: (rating) => rating.sparse, drop: (rating) => -(rating.drop ?? -1) };
const ORDERS = [["name", "by name"], ["low", "least sure first"], ["high", "surest first"],
  ["gathered", "map in fewest places first"], ["spread", "map most spread first"], ["drop", "largest drop first"]];

const right = (picture) => picture.label && picture.top ? picture.label.split(", ").includes(picture.top.name) : null;

export class Gallery {
  constructor(container, page) {
    this.container = container;
    this.page = page;
    this.pictures = [];
    this.added = [];
    this.show = { sort: "name", filter: "all" };
    this.ratings = new Map();
    this.rated = 0;
    this.list = h("ol", { class: "thumbs" });
    this.filters = h("div", { class: "filters" });
    this.told = h("p", { class: "note", role: "status" });
    fill(container, this.filters, this.told, this.list);
  }

  /** Another model was read. */
  forget() {
    this.ratings.clear();
    this.rated++;
    this.told.textContent = "";
  }

  async load() {
    const { pictures, complete } = await get("/api/gallery");
    this.pictures = pictures;
    this.draw();
    if (!complete) setTimeout(() => this.load().catch(() => {}), 700);
  }

  add(item, address) {
    this.added = this.added.filter((one) => one.id !== item.id);
    this.added.unshift({ id: item.id, name: item.name, address, top: item.top[0] });
    while (this.added.length > 60) URL.revokeObjectURL(this.added.pop().address);
    this.draw();
  }

  /** What a picture's map was measured to be, by the method that stands first; nothing before that. */
  rating(one) {
    const rating = one.unread ? null : this.ratings.get(one.number);
    const whole = rating && (this.show.sort !== "drop" || "drop" in rating);
    return whole && rating.of === this.rater() ? rating : null;
  }

  /** How the measured maps are made. */
  rater() {
    const column = this.page.columns()[0];
    return column ? JSON.stringify([column.method.name, column.settings, column.layers]) : null;
  }

  /** Computes the map of every picture's highest class, one after the other, and measures it. */
  async rate() {
    const turn = ++this.rated;
    const stays = () => turn === this.rated && MEASURES[this.show.sort];
    this.told.textContent = "";
    if (!stays()) return;
    const pictures = this.pictures.filter((one) => !one.unread);
    const column = this.page.columns()[0], of = this.rater();
    let done = 0, failed = 0;
    for (const one of pictures) {
      this.told.textContent = `${done++} of ${pictures.length} maps`;
      if (this.rating(one)) continue;
      try {
        const item = await post("/api/gallery/" + one.number), unit = item.top[0].unit;
        const { head, data } = await work("/api/explain", this.page.question(item, column, [unit]), new AbortController().signal);
        const told = head.maps[0], size = told.shape.reduce((a, b) => a * b, 1);
        const map = { values: new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4).slice(0, size), shape: told.shape, filter: head.filter };
        const rating = { of, sparse: sparseness(usual(map)) };
        if (this.show.sort === "drop") {
          const wide = told.shape.length === 2;
          rating.drop = wide ? (await postMap("/api/drop", { item: item.id, unit, shape: told.shape }, usual(map))).drop : null;
        }
        this.ratings.set(one.number, rating);
      } catch { failed++; }
      if (!stays()) return;
      this.draw();
    }
    this.told.textContent = failed ? `${failed} of ${pictures.length} maps cannot be measured` : `by ${column.method.title}, of the highest class`;
  }

  draw() {
    const classes = [...new Set(this.pictures.map((one) => one.top?.name).filter(Boolean))].sort();
    const known = this.pictures.some((one) => one.label);
    const filterValues = [["all", "all"], ...(known ? [["right", "right"], ["wrong", "wrong"]] : []), ...classes.map((name) => ["=" + name, "seen as " + name])];
    const key = JSON.stringify([filterValues, this.show]);
    if (this.pictures.length > 6 && key !== this.key) {
      this.key = key;
      const set = (name) => (value) => { this.show[name] = value; this.draw(); this.rate(); };
      fill(this.filters,
        choice(filterValues, this.show.filter, set("filter"), { "aria-label": "Which pictures" }),
        choice(ORDERS.filter(([name]) => name !== "drop" || this.page.model?.kind === "picture"), this.show.sort, set("sort"), { "aria-label": "Order" }));
    }
    const { filter, sort } = this.show;
    const kept = this.pictures.filter((one) => filter === "all" || (filter === "right" && right(one) === true) || (filter === "wrong" && right(one) === false) || (filter[0] === "=" && one.top?.name === filter.slice(1)));
    const value = (one) => (typeof one.top?.output === "number" ? one.top.output : 0);
    if (sort === "low") kept.sort((a, b) => value(a) - value(b));
    if (sort === "high") kept.sort((a, b) => value(b) - value(a));
    if (MEASURES[sort]) {
      const rated = (one) => { const rating = this.rating(one); return rating ? MEASURES[sort](rating) : Infinity; };
      kept.sort((a, b) => rated(a) - rated(b) || 0);
    }
    const current = this.page.state.item?.id, number = this.page.state.sample;
    const probability = this.page.model?.probabilities;
    const thumb = (one) => {
      const isNow = one.id ? one.id === current : one.number === number;
      const source = one.address ?? `/api/gallery/${one.number}/thumb`;
      const told = one.top ? `${one.top.name} ${brief(one.top.output, probability)}` : one.unread ? "cannot be read" : "…";
      const mark = right(one), rating = MEASURES[sort] ? this.rating(one) : null;
      const measured = !rating ? "" : sort === "drop" ? (typeof rating.drop === "number" ? `, drop ${Math.round(rating.drop * 100)} %` : "") : `, sparseness ${rating.sparse.toFixed(2)}`;
      return h("li", {}, h("button", { type: "button", class: "thumb", "aria-current": isNow ? "true" : null, disabled: !!one.unread, title: one.unread ?? `${one.name}: ${told}${measured}`,
        onclick: () => (one.id ? this.page.open({ item: one.id }) : this.page.open({ sample: one.number })) },
        this.page.model?.kind === "picture" ? h("img", { src: source, alt: one.name, loading: "lazy", width: 64, height: 64 }) : h("span", { class: "file" }, one.name),
        mark === null ? null : h("span", { class: mark ? "mark right" : "mark wrong", "aria-label": mark ? "right" : "wrong" }, mark ? "✓" : "✗")));
    };
    const keys = JSON.stringify([this.added.map((one) => one.id), kept, kept.map((one) => this.rating(one)), sort, current, number]);
    if (keys === this.drawn) return;
    this.drawn = keys;
    fill(this.list, this.added.map(thumb), kept.map(thumb));
  }
}
