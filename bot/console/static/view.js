// The chat's messages as elements.

import { icon, make } from "./dom.js";
import { say } from "./texts.js";

const SURE = 4000;
const HELP = " – "; // between a command and what it does
const seen = new Set(); // covered pictures that somebody has uncovered

/** Where the page gets a picture of the chat. */
export function address(picture) {
  return `/api/pictures/${picture.id}`;
}

/** The file as the server made it. */
export function original(picture) {
  return `/api/originals/${picture.id}`;
}

/**
 * The element of a message. `on` is what its parts do: `open(message, of)`, `reply(message, of)`,
 * `press(message, action)`, `find(id)` a message by its id, `show(id)` scroll to it.
 */
export function render(message, on) {
  const item = make("li", { id: `m-${message.id}`, class: message.kind, tabIndex: -1 });
  item.append(...PARTS[message.kind](message, on));
  if (message.kind === "status") refresh(item, message, on);
  return item;
}

/** Make a status message's element show its newest card, without taking the focus from its buttons. */
export function refresh(item, message, on) {
  const [canvas, words, bar] = item.querySelectorAll(".canvas, .words, .bar");
  item.dataset.tone = message.tone;
  words.replaceChildren(
    make("p", { class: "title" }, message.title),
    ...message.lines.map((line) => make("p", { class: "line" }, line)),
  );
  if (message.preview) canvas.firstElementChild.src = `data:${mediaType(message.preview)};base64,${message.preview}`;
  canvas.hidden = message.tone !== "running" || !canvas.firstElementChild.src;
  bar.hidden = message.progress === null;
  if (message.progress !== null) {
    const percent = Math.round(message.progress * 100);
    bar.setAttribute("aria-valuenow", percent);
    bar.firstElementChild.style.width = `${percent}%`;
  }
  const row = item.querySelector(".actions");
  if (row.dataset.actions !== message.actions.join()) replace(row, actions(message, on), item);
}

/** Put an element in another's place. The focus, if it was there, goes to the item: a second press hits nothing new. */
export function replace(before, after, item) {
  const focused = before.contains(document.activeElement);
  before.replaceWith(after);
  if (focused) item.focus({ preventScroll: true });
}

/** Let the last preview stand where the picture will be, until it has come. */
export function bridge(before, item) {
  const preview = before.querySelector(".canvas:not([hidden]) img");
  const frames = item.querySelectorAll(".open");
  if (preview && frames.length === 1) frames[0].style.backgroundImage = `url(${preview.src})`;
}

const PARTS = {
  said(message, on) {
    return [
      quote(message, message.of, on),
      message.pictures.length ? pictures(message, say("console-page-attached"), on) : null,
      message.text ? make("p", { class: "bubble" }, message.text) : null,
    ].filter(Boolean);
  },

  told(message, on) {
    return [quote(message, 0, on), make("div", { class: "words" }, ...message.text.split("\n").map(line))].filter(Boolean);
  },

  status(message, on) {
    const preview = make("img", { alt: say("console-page-preview") });
    preview.addEventListener("load", () => shape(preview.parentElement, preview.naturalWidth, preview.naturalHeight));
    return [
      make(
        "div",
        { class: "card" },
        make("div", { class: "canvas", hidden: true }, preview),
        make("div", { class: "row" }, make("div", { class: "words" }), actions(message, on)),
        make(
          "div",
          {
            class: "bar",
            role: "progressbar",
            "aria-label": say("console-page-progress"),
            "aria-valuemin": 0,
            "aria-valuemax": 100,
          },
          make("i"),
        ),
      ),
    ];
  },

  finished(message, on) {
    return [
      pictures(message, say("console-page-picture-of", { title: message.title }), on),
      make(
        "div",
        { class: "words" },
        make("p", { class: "caption" }, message.title),
        ...message.lines.map((line) => make("p", { class: "line" }, line)),
      ),
      actions(message, on),
    ];
  },
};

/** A line of an answer; what can be typed looks like it, and what help says of it does not. */
function line(text) {
  if (!text.startsWith("/")) return make("span", {}, text || "\u00a0");
  const [typed, ...said] = text.split(HELP);
  return make("span", {}, make("code", {}, typed), ...said.map((words) => HELP + words));
}

/** The picture that a message is about, if it replies to one. */
function quote(message, of, on) {
  const picture = on.find(message.reply_to)?.pictures?.[of];
  if (!picture?.width) return null;
  return make(
    "button",
    { class: isCovered(on.find(message.reply_to), of) ? "quote covered" : "quote", type: "button", onclick: () => on.show(message.reply_to) },
    icon("reply"),
    make("img", { src: address(picture), alt: say("console-page-replied") }),
  );
}

function pictures(message, title, on) {
  const list = make("div", { class: "pictures", "data-count": message.pictures.length });
  const [first] = message.pictures;
  shape(list, first.width || 1, first.height || 1);
  message.pictures.forEach((picture, of) => {
    list.append(picture.width ? figure(message, of, title, on) : file(picture));
  });
  return list;
}

function figure(message, of, title, on) {
  const picture = message.pictures[of];
  const { width, height } = picture;
  const frame = make(
    "figure",
    {},
    make(
      "button",
      { class: "open", type: "button", onclick: () => on.open(message, of) },
      make("img", { src: address(picture), alt: title, width, height, decoding: "async" }),
    ),
    make(
      "button",
      { class: "reply", type: "button", "aria-label": say("console-page-reply"), onclick: () => on.reply(message, of) },
      icon("reply"),
      make("span", {}, say("console-page-reply")),
    ),
  );
  if (isCovered(message, of)) cover(frame, message, of);
  frame.addEventListener("keydown", (event) => {
    if (isCovered(message, of)) return;
    if (event.key === "r" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      on.reply(message, of);
    }
  });
  shape(frame, width, height);
  return frame;
}

function isCovered(message, of) {
  return message.spoiler === true && !seen.has(`${message.id} ${of}`);
}

/** Nothing of it can be seen or reached but the button that uncovers it. */
function cover(frame, message, of) {
  const parts = [...frame.children];
  const show = make(
    "button",
    { class: "show", type: "button", "aria-label": say("console-page-show-covered") },
    make("span", { class: "pill" }, icon("show"), say("console-page-show")),
  );
  const settle = (covered) => {
    frame.classList.toggle("covered", covered);
    for (const part of parts) part.inert = covered;
  };
  show.addEventListener("click", () => {
    seen.add(`${message.id} ${of}`);
    settle(false);
    parts[0].focus();
    show.remove();
  });
  frame.append(show);
  settle(true);
}

function file(picture) {
  return make("a", { class: "pill", href: original(picture), download: "" }, icon("file"), say("console-page-file"));
}

/** How large it will be is known before the picture has come, so nothing jumps. */
function shape(frame, width, height) {
  frame.style.setProperty("--width", width);
  frame.style.setProperty("--height", height);
}

function actions(message, on) {
  const row = make("div", { class: "actions", "data-actions": message.actions.join() });
  for (const action of message.actions) {
    const label = make("span", {}, say(`button-${action}`));
    const button = make("button", { class: "pill", type: "button", "data-action": action }, icon(action), label);
    button.addEventListener("click", () => {
      if (action === "delete" && !button.dataset.armed) arm(button, label);
      else on.press(message, action, button);
    });
    row.append(button);
  }
  return row;
}

/** Deleting is for good, so it takes a second press. */
function arm(button, label) {
  button.dataset.armed = "yes";
  label.textContent = say("console-page-sure");
  const disarm = () => {
    delete button.dataset.armed;
    label.textContent = say("button-delete");
  };
  button.addEventListener("blur", disarm, { once: true });
  setTimeout(disarm, SURE);
}

function mediaType(base64) {
  return base64.startsWith("iVBOR") ? "image/png" : "image/jpeg"; // PNG's first bytes; ComfyUI sends nothing else
}
