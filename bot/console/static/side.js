// The queue and the servers, beside the chat; on a phone a sheet that comes from the top.

import { byId, make } from "./dom.js";
import { say } from "./texts.js";

const PHONE = matchMedia("(max-width: 720px)");

/** `find(job)` is what to do when a job of one's own is pressed, or null where the chat does not show it. */
export class Side {
  #sheet = byId("side");
  #button = byId("side-button");
  #veil = byId("veil");
  #find;
  #shown = { jobs: [], servers: [] };

  constructor(find) {
    this.#find = find;
    this.#button.addEventListener("click", () => this.close() || this.#open());
    this.#veil.addEventListener("click", () => this.close());
    PHONE.addEventListener("change", () => this.#settle(false));
    this.#settle(false);
  }

  /** Show this. */
  show(side) {
    this.#shown = side;
    const focused = document.activeElement.closest("#jobs li")?.dataset.job;
    byId("jobs").replaceChildren(...side.jobs.map((job) => this.#job(job)));
    if (focused) byId("jobs").querySelector(`[data-job="${focused}"] button`)?.focus({ preventScroll: true });
    byId("no-jobs").hidden = side.jobs.length > 0;
    byId("servers").replaceChildren(...side.servers.map(server));
    byId("side-count").textContent = side.jobs.length;
    byId("side-count").hidden = !side.jobs.length;
  }

  /** Write it anew, in the language chosen. */
  translate() {
    this.show(this.#shown);
  }

  /** Close the sheet. False: it was not open. */
  close() {
    if (!this.#sheet.classList.contains("open")) return false;
    this.#settle(false);
    this.#button.focus();
    return true;
  }

  #open() {
    this.#settle(true);
    this.#sheet.focus();
  }

  #settle(open) {
    this.#sheet.classList.toggle("open", open);
    this.#sheet.inert = PHONE.matches && !open;
    this.#veil.hidden = !open;
    this.#button.ariaExpanded = String(open);
  }

  #job(job) {
    const where = make("span", { class: "where" }, job.own ? "" : `${job.owner} · `, state(job));
    const words = [
      make("span", { class: "title" }, job.title),
      job.own ? make("span", { class: "own" }, say("console-page-own")) : null,
      where,
    ];
    const show = job.own ? this.#find(job.job) : null;
    const line = show ? make("button", { type: "button" }, ...words) : make("div", {}, ...words);
    if (show) {
      line.addEventListener("click", () => {
        this.close();
        show();
      });
    }
    const item = make("li", { "data-job": job.job }, line);
    if (job.progress !== null) {
      const bar = make("div", { class: "bar" }, make("i"));
      bar.firstElementChild.style.width = `${Math.round(job.progress * 100)}%`;
      item.append(bar);
    }
    return item;
  }
}

function state(job) {
  if (job.position !== null) return say("console-page-queued-at", { position: job.position });
  if (job.progress !== null) return say("console-page-running-at", { percent: Math.round(job.progress * 100) });
  return say(`console-page-${job.state}`);
}

function server({ name, running, pending }) {
  const silent = running === null;
  const load = silent
    ? say("console-page-silent")
    : running + pending
      ? say("console-page-load", { running, pending })
      : say("console-page-idle");
  return make(
    "li",
    { class: silent ? "silent" : "" },
    make("span", { class: "title" }, name),
    make("span", { class: "where" }, load),
  );
}
