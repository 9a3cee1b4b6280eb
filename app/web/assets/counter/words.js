/** What the counter says. */

import { momentText, sayAll as sayAllWith, sayer } from "/assets/client/words.js";
import { counterWords as en } from "/assets/counter/words.en.js";
import { counterWords as ja } from "/assets/counter/words.ja.js";

export { language, yenText } from "/assets/client/words.js";

let timeZone;

/** Times are shown on the store's clock, wherever the tablet thinks it is. */
export function showTimesOf(storeTimeZone) {
  timeZone = storeTimeZone;
}

/** The word with this key in the page's language, its gaps filled. */
export const say = sayer({ ja, en });

/** Writes the words of all elements below this one that name theirs. */
export function sayAll(root) {
  sayAllWith(root, say);
}

export function timeText(moment) {
  return format(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function timeWithSecondsText(moment) {
  return format(moment, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/** The day, as in 11/24 (Tue); empty for today's. */
export function dayText(moment, today) {
  const day = (each) => format(each, { month: "numeric", day: "numeric", weekday: "short" });
  return day(moment) === day(today) ? "" : day(moment);
}

function format(moment, options) {
  return momentText(moment, { timeZone, ...options });
}
