/** What an order is paid with: coupons, points, and money at the store or by card. */

import { element } from "/assets/client/dom.js";
import { dateText, numberText, yenText } from "/assets/app/words.js";
import { say } from "/assets/app/shop.words.js";

/** The cards of the sandbox, which development pays with: each does what its name says. */
const TEST_CARDS = ["tok_ok", "tok_declined", "tok_insufficient_funds", "tok_late", "tok_confirm"];

/** The best coupons by themselves, or those she ticks; `show(quoted)` says what the quote made of each. */
export function couponChoice(coupons, chosen) {
  if (!coupons.length) {
    const root = element("section", {}, element("h2", {}, say("coupons")), element("p", { class: "soft" }, say("noCoupons")));
    return { root, show() {} };
  }
  const best = element("input", { type: "checkbox", checked: true });
  const ticks = coupons.map(({ id }) => element("input", { type: "checkbox", value: id, disabled: true }));
  const tell = () => {
    ticks.forEach((tick) => { tick.disabled = best.checked; });
    const couponIds = best.checked ? [] : ticks.filter((tick) => tick.checked).map((tick) => tick.value);
    chosen({ useBestCoupons: best.checked, couponIds });
  };
  [best, ...ticks].forEach((tick) => tick.addEventListener("change", tell));
  const outcomes = coupons.map(() => element("small", { class: "outcome" }));
  const show = (quoted) =>
    coupons.forEach(({ id }, number) => {
      const use = quoted.find(({ couponId }) => couponId === id);
      ticks[number].checked = Boolean(use) || (ticks[number].checked && !best.checked);
      const used = use && say("couponUsed", use.discount.amount > 0 && yenText(use.discount.amount));
      outcomes[number].textContent = used ?? (best.checked ? say("couponUnused") : "");
      outcomes[number].classList.toggle("less", Boolean(use));
    });
  const row = ({ expiresAt, why, offer }, number) =>
    element(
      "li",
      {},
      element(
        "label",
        { class: "check" },
        ticks[number],
        element(
          "span",
          {},
          element("b", {}, offer.name),
          ` ${offer.benefit.text}`,
          outcomes[number],
          element("small", {}, [offer.description, why.text, say("until", dateText(expiresAt))].filter(Boolean).join(" · ")),
        ),
      ),
    );
  const root = element(
    "section",
    {},
    element("h2", {}, say("coupons")),
    element("label", { class: "check" }, best, element("span", {}, say("bestCoupons"))),
    element("ul", { class: "rows" }, coupons.map(row)),
  );
  return { root, show };
}

/** How many points she uses; `limit(yen)` says how many there is something to pay for. */
export function pointChoice(balance, chosen) {
  let most = balance;
  const input = element("input", { type: "number", inputmode: "numeric", min: 0, max: balance, step: 1, value: 0, id: "points" });
  const tell = () => {
    const wanted = Math.max(0, Math.min(Math.floor(Number(input.value)) || 0, most));
    chosen({ usePoints: wanted });
  };
  const use = (points) => {
    input.value = points;
    tell();
  };
  input.addEventListener("input", tell);
  input.addEventListener("change", () => { input.value = Math.max(0, Math.min(Math.floor(Number(input.value)) || 0, most)); });
  const root = element(
    "section",
    {},
    element("h2", {}, say("points")),
    balance
      ? element(
          "div",
          { class: "points-used" },
          element("label", { class: "field" }, element("span", {}, say("usePoints", numberText(balance))), input),
          element("button", { type: "button", onclick: () => use(most) }, say("useAll")),
        )
      : element("p", { class: "soft" }, say("noPoints")),
  );
  return {
    root,
    limit(yen) {
      most = Math.min(balance, yen);
      input.max = most;
    },
  };
}

/** At the store, or in development by a card of the sandbox: real cards want the gateway's own software. */
export function paymentChoice(chosen) {
  const isDevelopment = document.documentElement.dataset.environment === "development";
  const cards = element("select", { id: "card", "aria-label": say("testCard") }, TEST_CARDS.map((token) => element("option", { value: token }, say(token))));
  const field = element("div", { class: "field", hidden: true }, cards, element("p", { class: "soft" }, say("testCardHelp")));
  const pick = (method) => {
    field.hidden = method !== "CARD";
    chosen({ paymentMethod: method, cardToken: method === "CARD" ? cards.value : null });
  };
  cards.addEventListener("change", () => pick("CARD"));
  const option = (method) =>
    element(
      "label",
      { class: "option" },
      element("input", { type: "radio", name: "payment", value: method, checked: method === "PAY_AT_STORE", onchange: () => pick(method) }),
      element("span", {}, say(method)),
    );
  const methods = isDevelopment ? ["PAY_AT_STORE", "CARD"] : ["PAY_AT_STORE"];
  return element("section", {}, element("h2", {}, say("payment")), element("fieldset", { class: "options" }, element("legend", { class: "unseen" }, say("payment")), methods.map(option)), field);
}
