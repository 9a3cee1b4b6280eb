/** Shows one view at a time, the one that the address names, and says to everybody that it is another one now. */

import { byId, drawn, element, redraw } from "/assets/client/dom.js";
import { Refused, Silence, SignedOut } from "/assets/client/tsunagu.js";
import { becomeMember } from "/assets/app/member.js";
import { failureText, forgetFailures } from "/assets/app/notices.js";
import { VIEWS } from "/assets/app/views.js";
import { say } from "/assets/app/words.js";

const FIRST = "home";

let shown = null;

class Page {
  isOpen = true;
  #ends = [];

  constructor(name, path) {
    this.name = name;
    this.path = path;
    this.root = element("div", { class: `view ${name}` });
  }

  title(text) {
    if (this.isOpen) {
      byId("title").textContent = text;
      document.title = `${text} | ${document.body.dataset.retailer}`;
    }
  }

  whenClosed(act) {
    this.#ends.push(act);
  }

  again() {
    return this.isOpen ? showPage() : undefined;
  }

  close() {
    this.isOpen = false;
    this.#ends.forEach((end) => end());
  }
}

/** Goes to another view, as in go("find", "product", id). */
export function go(...path) {
  location.hash = addressOf(...path);
}

/** The address of a view, for links. */
export function addressOf(...path) {
  return `#/${path.map(encodeURIComponent).join("/")}`;
}

/** The view that the address names, and what it says beside; the first one where it names none. */
function wantedPath() {
  try {
    const parts = location.hash.split("/").slice(1).map(decodeURIComponent).filter(Boolean);
    return Object.hasOwn(VIEWS, parts[0] ?? "") ? parts : [FIRST];
  } catch {
    return [FIRST]; // somebody wrote the address by hand
  }
}

/** Shows the view that the address names. With `isMove`, or when it was in the view, the focus goes to its name. */
export async function showPage({ isMove = false } = {}) {
  const hadFocus = byId("view").contains(document.activeElement) || byId("tabs").contains(document.activeElement);
  const [name, ...path] = wantedPath();
  shown?.close();
  forgetFailures();
  const page = new Page(name, path);
  shown = page;
  page.title(say(name));
  showTabs(name);
  byId("back").hidden = page.path.length === 0;
  byId("back").href = addressOf(name);
  byId("view").setAttribute("aria-busy", "true");
  byId("view").replaceChildren(page.root);
  if (isMove) {
    scrollTo(0, 0);
  }
  if (isMove || hadFocus) {
    byId("title").focus({ preventScroll: true });
  }
  try {
    await open(page);
  } finally {
    page.isOpen && byId("view").removeAttribute("aria-busy");
  }
}

async function open(page) {
  try {
    await becomeMember();
    const view = await VIEWS[page.name].load().catch(() => Promise.reject(new Silence()));
    await view.open(page);
  } catch (error) {
    if (!page.isOpen || error instanceof SignedOut) {
      return; // the end of a session is said where it is noticed
    }
    const isAnswer = error instanceof Refused || error instanceof Silence;
    redraw(page.root, failurePanel(isAnswer ? failureText(error) : say("broken"), () => page.again()));
    if (!isAnswer) {
      throw error;
    }
  }
}

function failurePanel(text, again) {
  return element(
    "section",
    { class: "panel failed-view", role: "alert" },
    element("p", {}, text),
    element("button", { type: "button", class: "primary", onclick: again }, say("tryAgain")),
  );
}

function showTabs(current) {
  const tab = ([name, { icon }]) =>
    element(
      "a",
      { href: addressOf(name), "aria-current": name === current ? "page" : null },
      iconOf(icon),
      element("span", {}, say(name)),
    );
  byId("tabs").replaceChildren(...Object.entries(VIEWS).map(tab));
}

/** A 24 × 24 icon from its path, drawn in the colour of the text. */
export function iconOf(path) {
  return drawn("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, drawn("path", { d: path }));
}
