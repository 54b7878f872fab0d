// Elements. Text is text: nothing that comes from a file is ever read as HTML.

/** Makes an element: attributes, listeners (on...) and properties (.name), then children. */
export function h(tag, options, ...children) {
  const svg = tag === "svg" || tag === "path" || tag === "g" || tag === "line" || tag === "text" || tag === "polyline" || tag === "polygon" || tag === "rect";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  put(element, children);
  return element;
}

/** Adds children: elements, texts, lists of them; null and false are left out. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Replaces what an element has. */
export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, children);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Hands bytes to the user as a file. */
export function save(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Says something to those who listen to the page rather than see it. */
export function say(text) {
  const live = byId("live");
  if (live) live.textContent = text;
}

/** A slider, a choice or a switch with its name. */
export function labelled(name, control, hint) {
  const id = control.id || (control.id = "c" + ++count);
  return h("div", { class: "control" }, h("label", { for: id, title: hint }, name), control);
}
let count = 0;

export function choice(values, chosen, onchange, more) {
  const select = h("select", { ...more, onchange: () => onchange(select.value) },
    values.map((value) => {
      const [key, text] = Array.isArray(value) ? value : [value, value];
      return h("option", { value: key, selected: key === chosen }, text);
    }));
  return select;
}
