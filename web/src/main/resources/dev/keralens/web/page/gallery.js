// The pictures of the folder, and those that were added.

import { choice, fill, h } from "./dom.js";
import { brief } from "./numbers.js";
import { get } from "./api.js";

const right = (picture) => picture.label && picture.top ? picture.label.split(", ").includes(picture.top.name) : null;

export class Gallery {
  constructor(container, page) {
    this.container = container;
    this.page = page;
    this.pictures = [];
    this.added = [];
    this.show = { sort: "name", filter: "all" };
    this.list = h("ol", { class: "thumbs" });
    this.filters = h("div", { class: "filters" });
    fill(container, this.filters, this.list);
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

  draw() {
    const classes = [...new Set(this.pictures.map((one) => one.top?.name).filter(Boolean))].sort();
    const known = this.pictures.some((one) => one.label);
    const filterValues = [["all", "all"], ...(known ? [["right", "right"], ["wrong", "wrong"]] : []), ...classes.map((name) => ["=" + name, "seen as " + name])];
    const key = JSON.stringify([filterValues, this.show]);
    if (this.pictures.length > 6 && key !== this.key) {
      this.key = key;
      const set = (name) => (value) => { this.show[name] = value; this.draw(); };
      fill(this.filters,
        choice(filterValues, this.show.filter, set("filter"), { "aria-label": "Which pictures" }),
        choice([["name", "by name"], ["low", "least sure first"], ["high", "surest first"]], this.show.sort, set("sort"), { "aria-label": "Order" }));
    }
    const { filter, sort } = this.show;
    const kept = this.pictures.filter((one) => filter === "all" || (filter === "right" && right(one) === true) || (filter === "wrong" && right(one) === false) || (filter[0] === "=" && one.top?.name === filter.slice(1)));
    const value = (one) => (typeof one.top?.output === "number" ? one.top.output : 0);
    if (sort === "low") kept.sort((a, b) => value(a) - value(b));
    if (sort === "high") kept.sort((a, b) => value(b) - value(a));
    const current = this.page.state.item?.id, number = this.page.state.sample;
    const probability = this.page.model?.probabilities;
    const thumb = (one) => {
      const isNow = one.id ? one.id === current : one.number === number;
      const source = one.address ?? `/api/gallery/${one.number}/thumb`;
      const told = one.top ? `${one.top.name} ${brief(one.top.output, probability)}` : one.unread ? "cannot be read" : "…";
      const mark = right(one);
      return h("li", {}, h("button", { type: "button", class: "thumb", "aria-current": isNow ? "true" : null, disabled: !!one.unread, title: one.unread ?? `${one.name}: ${told}`,
        onclick: () => (one.id ? this.page.open({ item: one.id }) : this.page.open({ sample: one.number })) },
        this.page.model?.kind === "picture" ? h("img", { src: source, alt: one.name, loading: "lazy", width: 64, height: 64 }) : h("span", { class: "file" }, one.name),
        mark === null ? null : h("span", { class: mark ? "mark right" : "mark wrong", "aria-label": mark ? "right" : "wrong" }, mark ? "✓" : "✗")));
    };
    const keys = JSON.stringify([this.added.map((one) => one.id), kept, current, number]);
    if (keys === this.drawn) return;
    this.drawn = keys;
    fill(this.list, this.added.map(thumb), kept.map(thumb));
  }
}
