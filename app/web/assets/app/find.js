/** Find: search as you type, or look at what may please; products have a page of their own. */

import { element, redraw } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { priceText, productRow } from "/assets/app/goods.js";
import { addressOf, iconOf } from "/assets/app/pages.js";
import { failureText } from "/assets/app/notices.js";
import { openProduct } from "/assets/app/find_product.js";
import { recommendationRow } from "/assets/app/find_rows.js";
import { openScan } from "/assets/app/find_scan.js";
import { say } from "/assets/app/shop.words.js";
import { yenText } from "/assets/app/words.js";

const TYPING_MILLISECONDS = 180;
const LONGEST_QUERY = 100;
const AT_ONCE = 20;
const SCAN_ICON = "M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16M8 9v6M12 9v6M16 9v6";

// What was searched for stays while products are looked at.
let wanted = { query: "", category: null };

export async function open(page) {
  const [what, id] = page.path;
  if (what === "product") {
    return openProduct(page, id);
  }
  return what === "scan" ? openScan(page) : new Search(page).open();
}

class Search {
  #asked = 0;
  #timer;

  constructor(page) {
    this.page = page;
    this.input = element("input", {
      type: "search", value: wanted.query, maxlength: LONGEST_QUERY, autocomplete: "off", enterkeyhint: "search",
      "aria-label": say("search"), placeholder: say("searchPlaceholder"),
      oninput: () => this.#typed(),
    });
    this.chosen = element("p", { class: "chips" });
    this.suggestions = element("ul", { class: "chips", "aria-label": say("suggestions") });
    this.status = element("p", { class: "soft", role: "status" });
    this.found = element("div", { class: "found" });
  }

  async open() {
    const submit = (event) => {
      event.preventDefault();
      this.input.blur(); // the keyboard makes room for what was found
      return this.#look();
    };
    this.page.root.replaceChildren(
      element(
        "form",
        { class: "search", role: "search", onsubmit: submit },
        this.input,
        element("a", { class: "button", href: addressOf("find", "scan"), "aria-label": say("scan") }, iconOf(SCAN_ICON)),
      ),
      this.chosen,
      this.suggestions,
      this.status,
      this.found,
    );
    this.page.whenClosed(() => clearTimeout(this.#timer));
    await this.#show();
  }

  /** What is found is of other words from here on, until there is an answer. */
  #typed() {
    wanted = { ...wanted, query: this.input.value };
    this.#asked += 1;
    this.found.setAttribute("aria-busy", "true");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), TYPING_MILLISECONDS);
  }

  /** Looks again; what fails while somebody types is said and does not take the words away. */
  async #look() {
    const asked = this.#asked + 1;
    this.found.setAttribute("aria-busy", "true");
    let failure = null;
    try {
      await this.#show();
    } catch (error) {
      failure = error;
    }
    if (asked === this.#asked) {
      this.found.removeAttribute("aria-busy");
      failure && (this.status.textContent = failureText(failure));
    }
  }

  async #show() {
    const asked = ++this.#asked;
    const isCurrent = () => asked === this.#asked && this.page.isOpen;
    const { category } = wanted;
    const query = wanted.query.trim();
    this.#showChosen();
    if (!query && !category) {
      const discovered = await client.run("discover");
      return isCurrent() && this.#showDiscovered(discovered);
    }
    const filter = category ? { categoryId: category.id } : null;
    const [suggestions, products] = await Promise.all([
      query ? client.run("suggest", { prefix: query, first: 6 }) : [],
      client.run("search_products", { query: query || null, filter, sort: query ? "RELEVANCE" : "POPULARITY", first: AT_ONCE }),
    ]);
    if (isCurrent()) {
      this.#showSuggestions(suggestions);
      this.#showFound(products, { query: query || null, filter });
    }
  }

  #want(query, category = null) {
    wanted = { query, category };
    this.input.value = query;
    return this.#look();
  }

  #showChosen() {
    const { query, category } = wanted;
    const leave = () => this.#want(query);
    redraw(
      this.chosen,
      category && element("button", { type: "button", onclick: leave, "aria-label": say("leave", category.name) }, `${category.name} ×`),
    );
  }

  #showSuggestions(suggestions) {
    const chip = ({ kind, text, category, product }) => {
      if (product) {
        return element("a", { class: "button", href: addressOf("find", "product", product.id) }, text);
      }
      const choose = () => (category ? this.#want("", { id: category.id, name: text }) : this.#want(text));
      return element("button", { type: "button", onclick: choose }, kind === "CATEGORY" ? say("inCategory", text) : text);
    };
    redraw(this.suggestions, suggestions.map((each) => element("li", {}, chip(each))));
  }

  #showFound({ nodes, isCorrected, alternatives, pageInfo }, search) {
    this.status.textContent = nodes.length ? (isCorrected ? say("corrected") : "") : say("nothingFound");
    const row = (product) => productRow(product, priceText(product.price));
    const list = element("ul", { class: "rows" }, nodes.map(row));
    const more = async ({ endCursor }) => {
      const next = await client.run("search_products", { ...search, sort: search.query ? "RELEVANCE" : "POPULARITY", first: AT_ONCE, after: endCursor });
      const rows = next.nodes.map(row);
      list.append(...rows);
      this.#offerMore(list, next.pageInfo, more);
      rows[0]?.querySelector("a").focus();
    };
    redraw(this.found, [
      nodes.length > 0 && list,
      alternatives.length > 0 && [element("h2", {}, say("instead")), element("ul", { class: "rows" }, alternatives.map(row))],
    ]);
    this.#offerMore(list, pageInfo, more);
  }

  #offerMore(list, pageInfo, more) {
    this.found.querySelector(".more")?.remove();
    if (pageInfo.hasNextPage) {
      const act = () => more(pageInfo).catch((error) => { this.status.textContent = failureText(error); });
      list.after(element("button", { type: "button", class: "more", onclick: act }, say("more")));
    }
  }

  #showDiscovered({ recommendations, categories, me }) {
    this.status.textContent = "";
    redraw(this.suggestions, []);
    const searches = me.recentSearches.map(({ words }) => words).filter(Boolean).slice(0, 6);
    const favourites = me.favourites.filter(({ sku }) => sku).map(({ sku }) => sku);
    redraw(this.found, [
      section("recentSearches", searches, "chips", (words) => element("li", {}, element("button", { type: "button", onclick: () => this.#want(words) }, words))),
      section("categories", categories, "tiles", (category) =>
        element("li", {}, element("button", { type: "button", onclick: () => this.#want("", category) }, category.name))),
      section("favourites", favourites, "rows", (sku) => productRow(sku.product, yenText(sku.price.amount))),
      section("forYou", recommendations, "rows", recommendationRow),
    ]);
  }
}

function section(heading, things, kind, draw) {
  return things.length ? [element("h2", {}, say(heading)), element("ul", { class: kind }, things.map(draw))] : [];
}
