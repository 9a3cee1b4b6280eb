/** What pages say, in Japanese and English, and how they write times and amounts. */

export function language() {
  return document.documentElement.dataset.language ?? "ja";
}

/** Says a page's words in its language: `words` has them by language and key, and a word with gaps is a function. */
export function sayer(words) {
  return (key, ...gaps) => {
    const word = words[language()][key];
    return typeof word === "function" ? word(...gaps) : word;
  };
}

/** Writes the words of all elements below this one that name theirs. */
export function sayAll(root, say) {
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

/** A moment in words, as in Intl.DateTimeFormat; on the clock of `timeZone`, or else of the device. */
export function momentText(moment, options) {
  return new Intl.DateTimeFormat(language(), options).format(new Date(moment));
}

export function yenText(amount) {
  return `¥${amount.toLocaleString("en-US")}`;
}
