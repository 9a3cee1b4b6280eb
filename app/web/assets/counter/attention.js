/** What calls for attention: a sound, the number of new orders on the page's title and icon, a spoken line. */

import { byId } from "/assets/client/dom.js";
import { recall, remember } from "/assets/client/storage.js";
import { say } from "/assets/counter/words.js";

const MUTED = "counter-muted";
const CHIMES = { new: [880, 1_175], arrived: [659, 784, 988] };
const NOTE_SECONDS = 0.22;

let audio = null;
let showSound = () => {};

/** Browsers play nothing before the page was touched: the first touch wakes the sound. */
export function startSound(button) {
  const wake = () => {
    audio ??= new AudioContext();
    audio.resume().then(showSound);
  };
  addEventListener("pointerup", wake); // not before: the word beside it moves what is being pressed
  addEventListener("keydown", wake);
  showSound = () => {
    const isMuted = recall(MUTED) === true;
    button.setAttribute("aria-pressed", String(!isMuted));
    button.dataset.sound = isMuted ? "off" : "on";
    button.querySelector("span").textContent = say(isMuted ? "soundOff" : soundKey());
  };
  button.addEventListener("click", () => {
    remember(MUTED, recall(MUTED) !== true);
    showSound();
    chime("new");
  });
  showSound();
  return showSound;
}

function soundKey() {
  return audio?.state === "running" ? "soundOn" : "soundAsleep";
}

/** Plays the chime for `new` or `arrived`, unless it is muted or nobody has touched the page yet. */
export function chime(kind) {
  if (recall(MUTED) === true || audio?.state !== "running") {
    return;
  }
  CHIMES[kind].forEach((frequency, index) => {
    const startsAt = audio.currentTime + index * NOTE_SECONDS;
    const [tone, volume] = [new OscillatorNode(audio, { type: "triangle", frequency }), new GainNode(audio)];
    volume.gain.setValueAtTime(0.35, startsAt);
    volume.gain.exponentialRampToValueAtTime(0.001, startsAt + 2 * NOTE_SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(startsAt);
    tone.stop(startsAt + 2 * NOTE_SECONDS);
  });
}

/** Shows how many orders are new. */
export function showNumber(count) {
  document.title = count ? `(${count}) ${say("title")}` : say("title");
  if (navigator.setAppBadge) {
    (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
  }
}

/** Has a screen reader say it, when it has said what it is saying. */
export function speak(text) {
  byId("spoken").textContent = text;
}
