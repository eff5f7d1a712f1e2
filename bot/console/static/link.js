// The line to the server: one snapshot of the room, then its events, through every interruption.

import { say, wanted } from "./texts.js";

const RETRY = 2000;

/** The server refused; the message is its sentence. */
export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

/** Fetch JSON. Throws Refused with the server's sentence, or the browser's error where no answer came. */
export async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...options.headers, "Accept-Language": wanted() } });
  if (!answer.ok) throw new Refused(answer.status, await reason(answer));
  return answer.json();
}

async function reason(answer) {
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) return (await answer.json()).error;
  return `${answer.status} ${answer.statusText}`;
}

/** What to say of a failed request: the server's own sentence, or that no answer came. */
export function sentence(error) {
  return error instanceof Refused ? error.message : say("console-page-failed");
}

/** Press a button of a job; the answer's `command` is what Edit brings. */
export function press(job, action) {
  return ask("/api/actions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ job, action }),
  });
}

/** Say something: a FormData of text, pictures, reply_to, of. */
export function send(form) {
  return ask("/api/messages", { method: "POST", body: form });
}

/**
 * Follow the room for ever. `room` is called with a snapshot, `put`, `drop` and `side` with what changes after it,
 * `lost` and `back` when the line breaks and when it holds again, `signedOut` when this browser's key is refused.
 * A message may be put again as it was; it is never left out.
 */
export async function follow(on) {
  try {
    const room = await ask("/api/room");
    on.room(room);
    listen(room.mark, on);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) {
      on.signedOut();
      return;
    }
    on.lost();
    setTimeout(follow, RETRY, on);
  }
}

function listen(mark, on) {
  const source = new EventSource(`/api/events?after=${encodeURIComponent(mark)}`);
  const again = () => {
    source.close();
    follow(on);
  };
  source.addEventListener("open", on.back);
  source.addEventListener("put", (event) => on.put(JSON.parse(event.data)));
  source.addEventListener("drop", (event) => on.drop(JSON.parse(event.data).id));
  source.addEventListener("side", (event) => on.side(JSON.parse(event.data)));
  source.addEventListener("reset", again); // too much was missed, or it is another room
  source.addEventListener("error", () => {
    on.lost();
    // the browser itself tries again, unless it was answered with something other than events
    if (source.readyState === EventSource.CLOSED) setTimeout(again, RETRY);
  });
}
