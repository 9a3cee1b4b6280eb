/** What the app says. Each group of views has its own words. */

import { momentText, sayAll as sayAllWith, sayer } from "/assets/client/words.js";
import { words as en } from "/assets/app/words.en.js";
import { words as ja } from "/assets/app/words.ja.js";

export { language, yenText } from "/assets/client/words.js";

/** The word with this key in the page's language, its gaps filled. */
export const say = sayer({ ja, en });

/** Writes the words of all elements below this one that name theirs. */
export function sayAll(root) {
  sayAllWith(root, say);
}

export function numberText(number) {
  return number.toLocaleString("en-US");
}

/** As in 2026/11/24 or Nov 24, 2026. */
export function dateText(moment) {
  return momentText(moment, { dateStyle: "medium" });
}

/** As in 11/24(火) or Tue 11/24; on the clock of `timeZone`, or else of the phone. */
export function dayText(moment, timeZone) {
  return momentText(moment, { month: "numeric", day: "numeric", weekday: "short", timeZone });
}

export function timeText(moment, timeZone) {
  return momentText(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
}
