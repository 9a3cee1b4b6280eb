/** What the page says, in Japanese and English; a word with gaps is a function. */

import { counterWords as en } from "/assets/counter/words.en.js";
import { counterWords as ja } from "/assets/counter/words.ja.js";

const WORDS = { ja, en };

let timeZone;

export function language() {
  return document.documentElement.dataset.language ?? "ja";
}

/** Times are shown on the store's clock, wherever the tablet thinks it is. */
export function showTimesOf(storeTimeZone) {
  timeZone = storeTimeZone;
}

/** The word with this key in the page's language, its gaps filled. */
export function say(key, ...gaps) {
  const word = WORDS[language()][key];
  return typeof word === "function" ? word(...gaps) : word;
}

/** Writes the words of all elements below this one that name theirs. */
export function sayAll(root) {
  for (const each of root.querySelectorAll("[data-say]")) {
    each.textContent = say(each.dataset.say);
  }
  for (const each of root.querySelectorAll("[data-label]")) {
    each.setAttribute("aria-label", say(each.dataset.label));
  }
  for (const each of root.querySelectorAll("[data-placeholder]")) {
    each.placeholder = say(each.dataset.placeholder);
  }
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

export function yenText(amount) {
  return `¥${amount.toLocaleString("en-US")}`;
}

function format(moment, options) {
  return new Intl.DateTimeFormat(language(), { timeZone, ...options }).format(new Date(moment));
}
