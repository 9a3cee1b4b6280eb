/** The language of a page: the one chosen last, or else the browser's. All words are in the HTML. */

const page = document.documentElement;

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

/** Shows the page in its language and lets people choose; `shown` is called with each language that is shown. */
export function startLanguages(shown = () => {}) {
  const buttons = document.querySelectorAll("button[data-language]");
  const show = (language) => {
    page.lang = language;
    page.dataset.language = language;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    shown(language);
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      rememberLanguage(button.dataset.language);
      show(button.dataset.language);
    });
  }
  show(initialLanguage());
}
