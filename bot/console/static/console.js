// The page: brings the line to the server, the chat, the composer and the side together.

import { Composer } from "./composer.js";
import { byId, icon } from "./dom.js";
import { ask, follow, press, sentence } from "./link.js";
import { Side } from "./side.js";
import * as texts from "./texts.js";
import { address, bridge, original, refresh, render, replace } from "./view.js";

const { say } = texts;
const NEAR = 80; // pixels from the end that still count as reading the newest
const ANSWERED = new Set(["again", "vary", "upscale", "info"]); // by a new message

const messages = new Map();
const log = byId("log");
const scroller = byId("scroll");
const viewer = byId("viewer");
let reading = true; // the newest
let top = 0; // where the chat was last seen

const composer = new Composer(
  () => [...messages.values()].filter((message) => message.kind === "said" && message.text).map(({ text }) => text),
  () => toNewest(),
);
const side = new Side((job) => {
  const message = [...messages.values()].findLast((each) => each.job === job);
  return message ? () => show(message.id) : null;
});

// --- messages -------------------------------------------------------------------------------------------------------

const on = {
  find: (id) => messages.get(id),
  show,
  open,
  reply: (message, of) => composer.reply({ message: message.id, of, src: address(message.pictures[of]) }),

  async press(message, action, button) {
    if (button.ariaDisabled) return; // one press at a time; `disabled` would take the focus away
    button.ariaDisabled = "true";
    try {
      const { command } = await press(message.job, action);
      composer.complain("");
      if (command !== null) composer.edit(command, null);
      else if (ANSWERED.has(action)) toNewest();
    } catch (error) {
      composer.complain(sentence(error));
    } finally {
      button.ariaDisabled = null;
    }
  },
};

function put(message) {
  const before = messages.get(message.id);
  messages.set(message.id, message);
  const item = byId(`m-${message.id}`);
  if (before?.kind === "status" && message.kind === "status") {
    refresh(item, message, on);
  } else if (item) {
    const next = render(message, on);
    bridge(item, next);
    replace(item, next, next);
  } else {
    insert(message);
  }
  byId("greeting").hidden = true;
  announce(before, message);
}

/** After a break messages may come in another order than that of the chat. */
function insert(message) {
  const after = [...messages.values()].filter(({ number }) => number > message.number);
  const next = after.sort((a, b) => a.number - b.number)[0];
  const item = render(message, on);
  item.classList.add("fresh");
  log.insertBefore(item, next ? byId(`m-${next.id}`) : null);
}

function drop(id) {
  messages.delete(id);
  const item = byId(`m-${id}`);
  if (item?.contains(document.activeElement)) item.previousElementSibling?.focus({ preventScroll: true });
  item?.remove();
  byId("greeting").hidden = messages.size > 0;
  composer.forget(id);
}

/** At first, and whenever too much was missed; whoever reads further up stays there. */
function showRoom(room) {
  messages.clear();
  for (const message of room.messages) messages.set(message.id, message);
  const anchor = reading ? null : inSight();
  draw();
  if (anchor) scroller.scrollTop += byId(anchor.id).getBoundingClientRect().top - anchor.at;
  else toNewest();
  composer.renew((id, of) => {
    const picture = messages.get(id)?.pictures?.[of];
    return picture ? address(picture) : null;
  });
  composer.limit = room.max_upload_bytes;
  side.show(room.side);
}

/** The first element in sight whose message the chat still has: its `id`, and `at` where it is. */
function inSight() {
  const edge = scroller.getBoundingClientRect().top;
  for (const item of log.children) {
    const box = item.getBoundingClientRect();
    if (box.bottom > edge && messages.has(item.id.slice("m-".length))) return { id: item.id, at: box.top };
  }
  return null;
}

function draw() {
  log.replaceChildren(...[...messages.values()].sort((a, b) => a.number - b.number).map((each) => render(each, on)));
  byId("greeting").hidden = messages.size > 0;
}

/** Tell a screen reader what matters, and not each step. */
function announce(before, message) {
  const words = WORDS[message.kind]?.(message, before);
  if (words) byId("announcer").textContent = words;
}

const WORDS = {
  told: ({ text }) => text,
  finished: ({ title }) => say("console-page-finished", { title }),
  status: ({ tone, title, lines }, before) =>
    tone === "running" && before?.tone === "running" ? null : [title, ...lines].join(" "),
};

// --- scrolling ------------------------------------------------------------------------------------------------------

function show(id) {
  const item = byId(`m-${id}`);
  item?.scrollIntoView({ block: "center" });
  item?.querySelector("button")?.focus({ preventScroll: true });
}

function toNewest() {
  reading = true;
  scroller.scrollTop = scroller.scrollHeight;
}

scroller.addEventListener("scroll", () => {
  const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
  // only a way up is the person's; the end also runs away when something grows
  if (near || scroller.scrollTop < top) reading = near;
  top = scroller.scrollTop;
  byId("newest").hidden = reading;
});
new ResizeObserver(() => reading && toNewest()).observe(log);
new ResizeObserver(() => reading && toNewest()).observe(scroller);
byId("newest").append(icon("down"));
byId("newest").addEventListener("click", toNewest);

// --- one picture, large ---------------------------------------------------------------------------------------------

function open(message, of) {
  const picture = message.pictures[of];
  const image = viewer.querySelector("img");
  image.src = address(picture);
  image.alt = message.title ?? say("console-page-attached");
  viewer.querySelector("a").href = original(picture);
  const [reply, close] = viewer.querySelectorAll("button");
  reply.onclick = () => {
    viewer.close();
    on.reply(message, of);
  };
  close.onclick = () => viewer.close();
  viewer.showModal();
  close.focus();
}

viewer.addEventListener("click", (event) => {
  if (event.target === viewer || event.target.tagName === "IMG") viewer.close();
});

// --- the whole page -------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !viewer.open && !event.isComposing && (side.close() || composer.dismiss())) {
    event.preventDefault();
  }
});

for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", () => composer.say(example.textContent));
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  byId("drop").hidden = false;
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) byId("drop").hidden = true;
});
document.addEventListener("drop", (event) => {
  byId("drop").hidden = true;
  if (!carriesFiles(event)) return;
  event.preventDefault();
  composer.attach(event.dataTransfer.files);
});

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function nameTheme() {
  byId("theme").ariaLabel = say(isDark() ? "console-page-light" : "console-page-dark");
  byId("theme").replaceChildren(icon(isDark() ? "light" : "dark"));
}

byId("theme").addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("easel-theme", theme);
  nameTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);

async function translate() {
  const answer = await ask(`/api/texts?lang=${encodeURIComponent(texts.wanted())}`);
  texts.show(answer);
  composer.commands = answer.commands;
  const [tag, name] = texts.other();
  byId("language").textContent = name;
  byId("language").lang = tag;
  nameTheme();
  composer.translate();
  side.translate();
  draw();
}

byId("language").addEventListener("click", async () => {
  const before = texts.current();
  texts.choose(texts.other()[0]);
  try {
    await translate();
  } catch (error) {
    texts.choose(before);
    composer.complain(sentence(error));
  }
});

function warn(sentence) {
  byId("lost").textContent = sentence;
  byId("lost").hidden = !sentence;
}

// the printed address carries the key; it has done its work and need not stand in the history
history.replaceState(null, "", "/");

async function start() {
  try {
    await translate();
  } catch (error) {
    warn(error.message); // there are no texts to say it with, but the server's own sentence is in the right language
    return;
  } finally {
    document.body.classList.add("ready");
  }
  composer.focus();
  follow({
    room: showRoom,
    put,
    drop,
    side: (shown) => side.show(shown),
    lost: () => warn(say("console-page-lost")),
    back: () => warn(""),
    signedOut: () => warn(say("console-page-signed-out")),
  });
}

start();
