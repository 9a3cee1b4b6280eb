/**
 * The scan field. Scanners type what they read, and Enter: digits that are typed anywhere on the page, but into
 * another field, land here, and the Enter after them presses no button that happens to have the focus.
 */

import { byId } from "/assets/client/dom.js";
import { closeDialogs } from "/assets/counter/dialogs.js";

const LONGEST_GAP_MILLISECONDS = 400;
const SHORTEST_BURST = 4;

let burst = "";
let lastDigitAt = 0;

/** `scanned` is called with the digits of each code; `isActive` says whether the page takes codes now. */
export function startScanning(scanned, isActive) {
  const field = byId("code");
  const submit = (text) => {
    const digits = digitsOf(text);
    field.value = "";
    burst = "";
    if (digits) {
      scanned(digits);
    }
  };
  // The keyboard on the glass shows up for who touches the field, and not whenever the focus comes back to it.
  field.addEventListener("pointerdown", () => { field.inputMode = "numeric"; });
  field.addEventListener("blur", () => { field.inputMode = "none"; });
  byId("scan").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(field.value);
  });
  addEventListener("keydown", (event) => {
    if (!isActive() || event.ctrlKey || event.metaKey || event.altKey || isTypedInto(event.target)) {
      return;
    }
    const isInDialog = document.querySelector("dialog[open]") !== null;
    if (/^[0-9]$/.test(event.key)) {
      event.preventDefault();
      burst = (event.timeStamp - lastDigitAt > LONGEST_GAP_MILLISECONDS ? "" : burst) + event.key;
      lastDigitAt = event.timeStamp;
      if (!isInDialog) {
        field.value += event.key;
        field.focus();
      }
    } else if (event.key === "Enter" && isInDialog && isBurst(event.timeStamp)) {
      event.preventDefault();
      event.stopPropagation();
      const code = burst;
      closeDialogs();
      submit(code);
    }
  }, true);
}

function isBurst(at) {
  return burst.length >= SHORTEST_BURST && at - lastDigitAt <= LONGEST_GAP_MILLISECONDS;
}

function isTypedInto(target) {
  return target instanceof Element && target.matches("input:not([type=radio])");
}

/** The digits in what was typed, in full width or half; nothing else can be in a code. */
export function digitsOf(text) {
  return text.normalize("NFKC").replace(/\D/g, "");
}
