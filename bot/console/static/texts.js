// What people read, in the language they chose.

const KEY = "easel-language";
const OTHER = { en: ["zh-CN", "中文"], "zh-CN": ["en", "English"] };

let texts = {};
let language = "en";

/** The language to ask the server for: the one chosen here before, else the browser's. */
export function wanted() {
  return localStorage.getItem(KEY) ?? navigator.language;
}

/** The language on show. */
export function current() {
  return language;
}

/** The other language: its tag, and what it calls itself. */
export function other() {
  return OTHER[language];
}

/** Choose a language for this browser. */
export function choose(tag) {
  localStorage.setItem(KEY, tag);
}

/** Take up what the server sent, and write it wherever the page names a text. */
export function show(answer) {
  ({ texts, language } = answer);
  document.documentElement.lang = language;
  document.title = say("console-page-title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of document.querySelectorAll("[data-placeholder]")) {
    element.placeholder = say(element.dataset.placeholder);
  }
}

/** The text of that id, with these values in its slots. */
export function say(id, slots = {}) {
  return texts[id].replace(/\{(\w+)\}/g, (slot, name) => slots[name] ?? slot);
}
