// The queue and the servers, beside the chat; on a phone a sheet that comes from the top.

import { byId, make } from "./dom.js";
import { current, say } from "./texts.js";

const PHONE = matchMedia("(max-width: 720px)");

/** `find(job)` is what to do when a job of one's own is pressed, or null where the chat does not show it. */
export class Side {
  #sheet = byId("side");
  #button = byId("side-button");
  #veil = byId("veil");
  #find;
  #shown = { jobs: [], more: 0, servers: [], platforms: [] };

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
    byId("more-jobs").textContent = say("console-page-queue-more", { count: side.more });
    byId("more-jobs").hidden = !side.more;
    byId("servers").replaceChildren(...side.servers.map(connection));
    byId("platforms").replaceChildren(...side.platforms.map(connection));
    byId("platforms-here").hidden = side.platforms.length === 0;
    byId("side-count").textContent = side.jobs.length + side.more;
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
    const words = [
      make("span", { class: "title" }, job.title),
      job.own ? make("span", { class: "own" }, say("console-page-own")) : null,
      ...lines(job, job.own ? "" : `${job.owner} · `),
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

/** How it stands, as the server tells it in the language on show. */
function lines(told, before = "") {
  return told.lines[current()].map((line, n) => make("span", { class: "where" }, n ? "" : before, line));
}

/** A server or a chat platform. */
function connection(told) {
  const look = [told.away ? "away" : "", told.drained ? "drained" : ""].join(" ").trim();
  return make("li", { class: look }, make("span", { class: "title" }, told.name), ...lines(told));
}
