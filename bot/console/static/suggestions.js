// The commands that fit while one types a slash and the beginning of a word.

import { byId, make } from "./dom.js";

const BEGUN = /^[/／]([^\s/／]*)$/;

/** Suggests for what is typed into `field`, and calls `choose` with the word that was picked. */
export class Suggestions {
  #list = byId("suggestions");
  #field;
  #choose;
  #commands = [];
  #active = -1;

  constructor(field, choose) {
    this.#field = field;
    this.#choose = choose;
    field.addEventListener("input", () => this.#suggest());
    field.addEventListener("blur", () => this.close());
    this.#list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  }

  /** The commands there are: `{word, usage, summary}`. */
  set commands(commands) {
    this.#commands = commands;
    this.close();
  }

  /** Take the list away. False: there was none. */
  close() {
    if (this.#list.hidden) return false;
    this.#show([]);
    return true;
  }

  /** Use a key for the list. False: it is meant for something else. */
  key(event) {
    if (this.#list.hidden) return false;
    const { length } = this.#list.children;
    switch (event.key) {
      case "ArrowDown":
        return this.#mark((this.#active + 1) % length);
      case "ArrowUp":
        return this.#mark((this.#active + length - 1) % length);
      case "Tab":
      case "Enter":
        if (event.shiftKey || this.#isWhole()) return false; // what is typed in full is sent
        this.#list.children[this.#active].click();
        return true;
      default:
        return false;
    }
  }

  #isWhole() {
    const typed = BEGUN.exec(this.#field.value)[1].toLowerCase();
    return this.#list.children[this.#active].dataset.word === typed;
  }

  #suggest() {
    const typed = BEGUN.exec(this.#field.value)?.[1].toLowerCase();
    this.#show(typed === undefined ? [] : this.#commands.filter(({ word }) => word.startsWith(typed)));
  }

  #show(commands) {
    this.#list.replaceChildren(...commands.map((command, n) => this.#option(command, n)));
    this.#list.hidden = !commands.length;
    this.#field.removeAttribute("aria-activedescendant");
    if (commands.length) this.#mark(0);
  }

  #option({ word, usage, summary }, n) {
    const option = make("li", { id: `suggestion-${n}`, role: "option", "aria-selected": "false", "data-word": word });
    option.append(make("code", {}, usage), make("span", {}, summary));
    option.addEventListener("click", () => {
      this.close();
      this.#choose(word);
    });
    return option;
  }

  #mark(n) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = n;
    const option = this.#list.children[n];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", option.id);
    return true;
  }
}
