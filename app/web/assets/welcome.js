/** The welcome page: its status dot and the tour. All words are in the HTML. */

import { newId } from "/assets/client/tsunagu.js";
import { startLanguages } from "/assets/language.js";
import { Phone, Refused, Silence } from "/assets/phone.js";

const STATUS_MILLISECONDS = 10_000;
const STATUS_TIMEOUT_MILLISECONDS = 5_000;
const COPIED_MILLISECONDS = 2_000;
const SECRETS = ["Authorization", "accessToken"];
const SECRET_LETTERS_SHOWN = 24;

const page = document.documentElement;
const byId = (id) => document.getElementById(id);

let phone = null;
let store = null;
let unusedDeviceId = null;
let busy = false;

// Showing

function fillGaps(element, texts) {
  for (const gap of element.querySelectorAll("[data-gap]")) {
    if (gap.dataset.gap in texts) {
      gap.textContent = texts[gap.dataset.gap];
    }
  }
}

/** A copy of the template with its gaps filled. */
function filled(template, texts) {
  const copy = byId(template).content.cloneNode(true);
  fillGaps(copy, texts);
  return copy;
}

function showCard(member) {
  const { card, points, nickname } = member;
  const copy = filled("card-template", {
    number: card.number.replace(/(\d{4})(?=\d)/g, "$1 "),
    rank: card.rank,
    nickname: nickname ?? "",
    points: points.balance.toLocaleString(),
  });
  copy.querySelector(".card").dataset.rank = card.rank;
  byId("card-result").replaceChildren(copy);
}

function showStores(stores) {
  byId("stores").replaceChildren(...stores.map(storeItem));
  byId("store-result").replaceChildren(...(stores.length ? [] : [filled("no-stores-template", {})]));
}

function storeItem(each) {
  const kilometers = Math.round(each.distanceMeters / 1000).toLocaleString();
  const copy = filled("store-template", { ja: each.ja, en: each.en, kilometers });
  const button = copy.querySelector("button");
  button.addEventListener("click", () => act(button, byId("store-result"), () => enter(each)));
  return copy;
}

function showCheckedIn(place, checkedIn) {
  const balance = checkedIn.pointBalance.toLocaleString();
  const texts = { awarded: checkedIn.pointsAwarded, balance };
  place.replaceChildren(filled("checked-in-template", texts));
  fillGaps(byId("card-result"), { points: balance });
}

function showFailure(place, error) {
  if (error instanceof Refused) {
    place.replaceChildren(...error.errors.map((reason) => filled("refusal-template", reason)));
  } else if (error instanceof Silence) {
    place.replaceChildren(filled("silence-template", {}));
  } else {
    place.replaceChildren(filled("refusal-template", { message: String(error), code: "" }));
    throw error;
  }
}

function showExchange({ headers, query, variables, answer }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${shortened(name, value)}`);
  byId("request").textContent = ["POST /graphql", ...lines].join("\n");
  byId("query").textContent = query;
  byId("variables").textContent = JSON.stringify(variables, null, 2);
  byId("answer").textContent = answer === null ? "—" : JSON.stringify(answer, shortened, 2);
  page.dataset.sent = "true";
}

/** Tokens are long, and nobody reads them. */
function shortened(name, value) {
  return SECRETS.includes(name) ? `${value.slice(0, SECRET_LETTERS_SHOWN)}…` : value;
}

// The tour

/** Does one thing at a time, and shows in `place` why it failed. */
async function act(button, place, action) {
  if (busy) {
    return;
  }
  busy = true;
  // A disabled button would lose the keyboard's focus; this one only says that it waits.
  button.setAttribute("aria-disabled", "true");
  try {
    await action();
  } catch (error) {
    showFailure(place, error);
  } finally {
    button.removeAttribute("aria-disabled");
    busy = false;
  }
}

/** Gets the card of a borrowed phone, or of a new one, whose id is kept until it has its card. */
async function getCard(borrowedDeviceId) {
  unusedDeviceId ??= newId();
  const candidate = new Phone(borrowedDeviceId || unusedDeviceId, () => page.lang, showExchange);
  const member = await candidate.register();
  if (!borrowedDeviceId) {
    unusedDeviceId = null;
  }
  phone = candidate;
  showCard(member);
  startOver();
  await lookForStores();
}

/** A phone with a card, outside any store. */
function startOver() {
  store = null;
  byId("card-step").dataset.done = "true";
  byId("store-step").querySelector("fieldset").disabled = false;
  byId("again-step").querySelector("fieldset").disabled = true;
  for (const id of ["store-step", "again-step"]) {
    delete byId(id).dataset.done;
  }
  for (const id of ["store-result", "place", "again-result"]) {
    byId(id).replaceChildren();
  }
}

async function lookForStores() {
  try {
    showStores(await phone.openStores());
  } catch (error) {
    showFailure(byId("store-result"), error);
  }
}

async function enter(chosen) {
  store = chosen;
  byId("place").replaceChildren(filled("place-template", { ja: chosen.ja, en: chosen.en }));
  byId("store-step").dataset.done = "true";
  byId("again-step").querySelector("fieldset").disabled = false;
  showCheckedIn(byId("store-result"), await phone.checkIn(chosen, "same"));
}

async function play(trick) {
  const place = byId("again-result");
  byId("again-step").dataset.done = "true";
  showCheckedIn(place, await phone.checkIn(store, trick));
}

function startTour() {
  for (const button of document.querySelectorAll("[data-phone]")) {
    const place = byId("card-result");
    button.addEventListener("click", () => act(button, place, () => getCard(button.dataset.phone)));
  }
  for (const button of document.querySelectorAll("[data-trick]")) {
    const place = byId("again-result");
    button.addEventListener("click", () => act(button, place, () => play(button.dataset.trick)));
  }
  byId("look").addEventListener("click", () => act(byId("look"), byId("store-result"), lookForStores));
}

// The terminal

function prepareCurl() {
  fillGaps(byId("curl"), { origin: location.origin, deviceId: newId() });
  const button = byId("copy");
  button.hidden = !navigator.clipboard; // Pages over plain HTTP from another machine have none.
  button.addEventListener("click", () => copyCurl(button));
}

async function copyCurl(button) {
  await navigator.clipboard.writeText(byId("curl").textContent);
  button.dataset.copied = "true";
  setTimeout(() => delete button.dataset.copied, COPIED_MILLISECONDS);
}

// The status dot

async function status() {
  try {
    const signal = AbortSignal.timeout(STATUS_TIMEOUT_MILLISECONDS);
    const response = await fetch("/readyz", { cache: "no-store", signal });
    return response.ok ? "ready" : "waiting";
  } catch {
    return "silent";
  }
}

async function watchStatus() {
  if (!document.hidden) {
    byId("status").dataset.state = await status();
  }
  setTimeout(watchStatus, STATUS_MILLISECONDS);
}

startLanguages((language) => fillGaps(byId("curl"), { language }));
watchStatus();
if (page.dataset.environment === "development") {
  prepareCurl();
  startTour();
}
