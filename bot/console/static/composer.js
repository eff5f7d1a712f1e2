// Where one types: text, attached pictures, the picture replied to.

import { byId, icon, make } from "./dom.js";
import { send, sentence } from "./link.js";
import { Suggestions } from "./suggestions.js";
import { say } from "./texts.js";

const TALLEST = 200;

/** The composer. `history()` gives what was said before, oldest first; `sent()` is called at each message. */
export class Composer {
  #form = byId("composer");
  #prompt = byId("prompt");
  #chips = byId("chips");
  #trouble = byId("trouble");
  #picker = byId("files");
  #files = [];
  #reply = null;
  #history;
  #sent;
  #recalled = null;
  #unsent = [];
  #queue = Promise.resolve();
  #suggestions = new Suggestions(this.#prompt, (word) => this.#set(`/${word} `));

  /** Bytes that one message may have; the server says. */
  limit = Infinity;

  constructor(history, sent) {
    this.#history = history;
    this.#sent = sent;
    byId("attach").append(icon("attach"));
    byId("send").append(icon("send"));
    byId("attach").addEventListener("click", () => this.#picker.click());
    this.#picker.addEventListener("change", () => {
      this.attach(this.#picker.files);
      this.#picker.value = "";
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say(this.#prompt.value);
    });
    this.#prompt.addEventListener("input", () => this.#grow());
    this.#prompt.addEventListener("keydown", (event) => this.#key(event));
    this.#prompt.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.attach(event.clipboardData.files);
      }
    });
  }

  focus() {
    this.#prompt.focus();
  }

  /** Put a command here to be changed. `reply` is the picture it starts from, or null. */
  edit(command, reply) {
    this.#set(command);
    this.#reply = reply;
    this.#show();
    this.focus();
  }

  /** Make a picture the input: `{message, of, src}`. */
  reply(reply) {
    this.#reply = reply;
    this.#show();
    this.focus();
  }

  /** The message replied to is gone. */
  forget(message) {
    if (this.#reply?.message === message) this.#reply = null;
    this.#show();
  }

  /** The chat was filled anew: `find(message, of)` gives the new address of a picture, or null where it is gone. */
  renew(find) {
    const src = this.#reply && find(this.#reply.message, this.#reply.of);
    this.#reply = src ? { ...this.#reply, src } : null;
    this.#show();
  }

  /** Attach files. What is no picture is attached as well: the answer says what is wrong with it. */
  attach(files) {
    this.#files.push(...files);
    this.#show();
    this.focus();
  }

  /** Take away what was begun: the suggestions, else the reply and what is attached. False: there was nothing. */
  dismiss() {
    return this.#suggestions.close() || this.#clear();
  }

  /** The commands to suggest. */
  set commands(commands) {
    this.#suggestions.commands = commands;
  }

  /** Say this, with what is attached. */
  say(text) {
    const message = { text: text.trim(), files: this.#files, reply: this.#reply };
    if (!message.text && !message.files.length) return;
    if (message.files.reduce((sum, file) => sum + file.size, 0) > this.limit) {
      this.complain(say("console-page-too-large", { megabytes: Math.floor(this.limit / 1e6) }));
      return;
    }
    this.#suggestions.close();
    this.#set("");
    this.#clear();
    this.complain("");
    this.#queue = this.#queue.then(() => this.#send(message)); // one after the other, in the order of typing
    this.#sent();
  }

  /** Say what went wrong, above the text; an empty sentence takes it away. */
  complain(sentence) {
    this.#trouble.textContent = sentence;
    this.#trouble.hidden = !sentence;
  }

  /** Write its names anew, in the language chosen. */
  translate() {
    this.#show();
  }

  async #send({ text, files, reply }) {
    const form = new FormData();
    form.set("text", text);
    for (const file of files) form.append("pictures", file, "picture");
    if (reply) {
      form.set("reply_to", reply.message);
      form.set("of", reply.of);
    }
    try {
      await send(form);
    } catch (error) {
      this.complain(sentence(error));
      if (this.#prompt.value || this.#files.length) {
        if (text) this.#unsent.push(text); // the next message is under way; this one can be recalled
        return;
      }
      this.#files = files;
      this.edit(text, reply);
    }
  }

  #key(event) {
    if (event.isComposing) return; // Enter and the arrows belong to the input method
    if (this.#suggestions.key(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (event.key === "ArrowUp" && this.#mayRecall()) {
      if (this.#recall(-1)) event.preventDefault();
    } else if (event.key === "ArrowDown" && this.#recalled !== null && this.#mayRecall()) {
      if (this.#recall(1)) event.preventDefault();
    }
  }

  #clear() {
    if (!this.#reply && !this.#files.length) return false;
    this.#reply = null;
    this.#files = [];
    this.#show();
    return true;
  }

  #said() {
    return [...this.#history(), ...this.#unsent];
  }

  /** The arrows recall while the text is empty or is what they brought, unchanged. */
  #mayRecall() {
    return !this.#prompt.value || (this.#recalled !== null && this.#prompt.value === this.#said()[this.#recalled]);
  }

  #recall(step) {
    const said = this.#said();
    const from = this.#prompt.value ? this.#recalled : said.length;
    const index = from + step;
    if (index < 0) return true;
    if (index > said.length) return false;
    this.#set(said[index] ?? "");
    this.#recalled = index < said.length ? index : null;
    return true;
  }

  #set(text) {
    this.#recalled = null;
    this.#prompt.value = text;
    this.#grow();
  }

  #grow() {
    this.#prompt.style.height = "auto";
    this.#prompt.style.height = `${Math.min(this.#prompt.scrollHeight, TALLEST)}px`;
  }

  #show() {
    for (const image of this.#chips.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    const chips = this.#files.map((file, index) =>
      chip(URL.createObjectURL(file), say("console-page-attached"), say("console-page-no-attachment"), () => {
        this.#files.splice(index, 1);
        this.#show();
      }),
    );
    if (this.#reply) {
      const first = chip(this.#reply.src, say("console-page-replying"), say("console-page-no-reply"), () => {
        this.reply(null);
      });
      first.classList.add("replied");
      first.firstElementChild.after(make("span", {}, say("console-page-replying")));
      chips.unshift(first);
    }
    this.#chips.replaceChildren(...chips);
    this.#chips.hidden = !chips.length;
  }
}

function chip(src, alt, remove, onclick) {
  const image = make("img", { src, alt });
  image.addEventListener("error", () => image.replaceWith(icon("file"))); // attached, and no picture
  return make("li", {}, image, make("button", { type: "button", "aria-label": remove, onclick }, icon("cancel")));
}
