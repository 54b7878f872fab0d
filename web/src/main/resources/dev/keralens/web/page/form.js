// The settings of a method, as a form made of what the method says of itself.

import { choice, fill, h, labelled } from "./dom.js";
import { millis } from "./numbers.js";

/** How often the network runs for one picture, with the settings as they are. */
export function passesOf(method, settings) {
  let passes = Math.max(1, method.passes);
  for (const field of method.settings) {
    const given = Number(settings[field.name] || field.value);
    const usual = Number(field.value);
    if (["steps", "samples"].includes(field.name) && usual > 0 && given > 0) passes = Math.round((passes * given) / usual);
  }
  if (Number(settings.smooth) > 0) passes *= Number(settings.smooth);
  if (settings.tta === "on") passes *= 8;
  return passes;
}

/** What a method will take, in words. */
export function costOf(method, settings, one) {
  const passes = passesOf(method, settings);
  const time = passes * (one || 0) * (method.passes <= 1 ? 3 : 1);
  const runs = passes === 1 ? "1 run" : passes.toLocaleString("en") + " runs";
  return one ? `${runs}, about ${millis(time)}` : runs;
}

/** Fills a form with a method's settings. */
export function settingsForm(container, method, settings, one, onchange) {
  const cost = h("p", { class: "cost" });
  const told = () => { cost.textContent = "Cost: " + costOf(method, settings, one()) + " for each input."; };
  const changed = (field, value, control) => {
    if (control && !control.checkValidity()) { control.reportValidity(); return; }
    if (value === "" || value === field.value) delete settings[field.name];
    else settings[field.name] = value;
    told();
    onchange();
  };
  const control = (field) => {
    if (field.choices.length) return choice(field.choices, settings[field.name] ?? field.value, (value) => changed(field, value));
    const input = h("input", { type: "number", min: field.low, max: field.high, step: field.whole ? 1 : "any", placeholder: field.value || "auto",
      ".value": settings[field.name] ?? "", onchange: () => changed(field, input.value, input) });
    return input;
  };
  told();
  fill(container,
    h("p", { class: "about" }, method.summary, ". ", method.paper ? h("span", { class: "paper" }, method.paper) : null),
    method.settings.map((field) => labelled(field.title, control(field), field.help)),
    cost);
}
