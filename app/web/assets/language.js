/** The language of a page: the one chosen last, or else the browser's. */

const page = document.documentElement;

let showPage = () => {};

function rememberedLanguage() {
  try {
    return localStorage.getItem("language");
  } catch {
    return null; // A browser may forbid pages to remember anything.
  }
}

function rememberLanguage(language) {
  try {
    localStorage.setItem("language", language);
  } catch {
    // The next visit starts with the browser's language then.
  }
}

function initialLanguage() {
  const remembered = rememberedLanguage();
  if (remembered === "ja" || remembered === "en") {
    return remembered;
  }
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
}

function show(language) {
  page.lang = language;
  page.dataset.language = language;
  for (const button of document.querySelectorAll("button[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  showPage(language);
}

/** Shows the page in this language, now and at the next visit. */
export function chooseLanguage(language) {
  rememberLanguage(language);
  show(language);
}

/** Shows the page in its language and lets people choose; `shown` is called with each language that is shown. */
export function startLanguages(shown = () => {}) {
  showPage = shown;
  for (const button of document.querySelectorAll("button[data-language]")) {
    button.addEventListener("click", () => chooseLanguage(button.dataset.language));
  }
  show(initialLanguage());
}
