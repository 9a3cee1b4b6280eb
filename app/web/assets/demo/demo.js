/**
 * The demo: two pages of ours in frames, each of a demo person whose storage is kept apart (`?as=`), and buttons
 * that move the member and the time. The frames are the real pages; they know nothing of the demo.
 */

import { startLanguages } from "/assets/language.js";
import { byId } from "/assets/client/dom.js";
import { newId, Refused, Tsunagu } from "/assets/client/tsunagu.js";
import { turns } from "/assets/client/turns.js";
import { language, momentText } from "/assets/client/words.js";

const MEMBER = "demo-member";
const CLERK = "demo-counter";
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const AT_HOME = { latitude: 34.7152, longitude: 135.5106 }; // two kilometres from the store
const COUNTER_WIDTH = 1_180;
const COUNTER_HEIGHT = 720;

const inTurn = turns();
const phone = byId("phone");
const counter = byId("counter");

let umeda = null;
let isAtStore = false;
let aheadOfBrowser = 0;
let actsWaiting = 0;

/** What a person's page keeps in this browser. */
function storageOf(person) {
  return {
    recall: (name) => JSON.parse(localStorage.getItem(`${person} ${name}`)),
    remember: (name, value) => localStorage.setItem(`${person} ${name}`, JSON.stringify(value)),
    forget: (name) => localStorage.removeItem(`${person} ${name}`),
  };
}

function forgetAll(person) {
  Object.keys(localStorage).filter((name) => name.startsWith(`${person} `)).forEach((name) => localStorage.removeItem(name));
}

async function tell(path, method) {
  const response = await fetch(path, { method });
  if (!response.ok) {
    throw new Error((await response.text()).slice(0, 200));
  }
  return response.json();
}

/** Signs both persons in by what the API offers everybody; a clerk whose shift is over begins another. */
async function signIn() {
  const given = await tell("/dev/demo", "POST");
  umeda = given.store;
  const member = storageOf(MEMBER);
  if (!member.recall("app-device") && !member.recall("app-session")) {
    member.remember("app-device", given.deviceId);
  }
  await signInClerk(given);
}

async function signInClerk({ enrolmentCode, staffCode, pin }) {
  const storage = storageOf(CLERK);
  const client = new Tsunagu("counter-session", { language, storage });
  if (client.isOpen && await client.run("viewer").then((viewer) => viewer?.store, () => null)) {
    return;
  }
  if (!storage.recall("counter-device")) {
    const input = { code: enrolmentCode, idempotencyKey: newId() };
    const { deviceToken, device } = await client.run("enrol_device", { input }, { withToken: false });
    storage.remember("counter-device", { token: deviceToken, name: device.name, store: device.store });
  }
  const input = { deviceToken: storage.recall("counter-device").token, staffCode, pin };
  try {
    const signedIn = await client.run("sign_in_staff", { input }, { withToken: false });
    client.open(signedIn);
    storage.remember("counter-clerk", { name: signedIn.staffMember.name });
  } catch (error) {
    if (!(error instanceof Refused && error.has("DEVICE_NOT_ENROLLED"))) {
      throw error;
    }
    storage.forget("counter-device");
    await signInClerk({ enrolmentCode, staffCode, pin });
  }
}

/** The phone in the frame says that it is where the buttons have taken it. */
function moveThePhone() {
  const tellPlace = (told) => {
    const coords = { ...(isAtStore ? umeda : AT_HOME), accuracy: 12 };
    setTimeout(() => told({ coords, timestamp: Date.now() }), 300);
  };
  Object.defineProperty(phone.contentWindow.navigator.geolocation, "getCurrentPosition", { value: tellPlace });
}

/** What she shows is typed where the counter's scanner types. */
function showCode() {
  const shown = phone.contentDocument.querySelector(".code b")?.textContent ?? "";
  const field = counter.contentDocument.getElementById("code");
  field.value = shown.replace(/\D/g, "");
  field.form.requestSubmit();
}

async function letPass(seconds) {
  showTime(await tell(`/dev/clock?forwardSeconds=${seconds}`, "POST"));
  await openFrames();
}

async function startOver() {
  await closeFrames();
  forgetAll(MEMBER);
  forgetAll(CLERK);
  isAtStore = false;
  byId("walk").setAttribute("aria-pressed", "false");
  showTime(await tell("/dev/clock", "DELETE"));
  await openFrames();
}

function showTime({ now }) {
  aheadOfBrowser = Date.parse(now) - Date.now();
  tick();
}

function tick() {
  const shown = { month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Tokyo" };
  byId("time").textContent = momentText(Date.now() + aheadOfBrowser, shown);
}

/** Opens both pages anew, where they were: the server has all that they show. */
async function openFrames() {
  const hash = phone.contentWindow.location.hash || "#/home";
  await closeFrames();
  await signIn();
  phone.src = `/app?as=${MEMBER}${hash}`;
  counter.src = `/counter?as=${CLERK}`;
}

/** A page that is still open would write what it keeps, or sign in as somebody new, while its storage is changed. */
async function closeFrames() {
  await Promise.all([phone, counter].map(close));
}

async function close(frame) {
  frame.src = "about:blank";
  do {
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  } while (frame.contentWindow.location.href !== "about:blank");
}

/** The tablet is drawn as large as there is room. */
function fitCounter() {
  const scale = byId("desk").clientWidth / COUNTER_WIDTH;
  counter.style.transform = `scale(${scale})`;
  byId("desk").style.height = `${COUNTER_HEIGHT * scale}px`;
}

async function does(act) {
  showWaiting(1);
  const failure = await inTurn(act).then(() => "", (error) => error.message);
  byId("failure").textContent = failure;
  showWaiting(-1);
}

function showWaiting(change) {
  actsWaiting += change;
  document.body.setAttribute("aria-busy", String(actsWaiting > 0));
}

function onPress(id, act) {
  byId(id).addEventListener("click", () => does(act));
}

phone.addEventListener("load", moveThePhone);
new ResizeObserver(fitCounter).observe(byId("desk"));
onPress("walk", () => {
  isAtStore = !isAtStore;
  byId("walk").setAttribute("aria-pressed", String(isAtStore));
});
onPress("show-code", showCode);
onPress("hour", () => letPass(HOUR_SECONDS));
onPress("day", () => letPass(DAY_SECONDS));
onPress("reset", startOver);
setInterval(tick, 1_000);
startLanguages(() => does(openFrames));
showTime(await tell("/dev/clock", "GET"));
