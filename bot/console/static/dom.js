// Making elements. Text always goes in as text: nothing that people or servers write becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** Strokes on a 24 by 24 grid. */
const ICONS = {
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  vary: "M4 7h3.5c5 0 4 10 9 10H20m0 0-3-3m3 3-3 3M4 17h3.5c1.6 0 2.6-1 3.3-2.3M13.5 9c.7-1.2 1.6-2 3-2H20m0 0-3-3m3 3-3 3",
  upscale: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  info: "M12 11v6M12 7.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  cancel: "M6 6l12 12M18 6L6 18",
  reply: "M10 6L4 12l6 6M4 12h10c4 0 6 2 6 6",
  attach: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  show: "M2.5 12C5 7.5 8.5 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-6 6.5-9.5 6.5S5 16.5 2.5 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M19 5l-1.4 1.4M6.4 17.6L5 19",
  dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
};

/** An element with properties (`class`, `aria-*` and `data-*` as attributes) and children; null ones are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A picture that says nothing to a screen reader; its button has the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** The element of that id. */
export function byId(id) {
  return document.getElementById(id);
}
