/** What an order comes to. */

import { element } from "/assets/client/dom.js";
import { say } from "/assets/app/shop.words.js";
import { numberText, yenText } from "/assets/app/words.js";

/** All that is in the way, each with what works instead. */
export function problemList(problems) {
  return problems.length
    ? [element("ul", { class: "problems", role: "alert" }, problems.map(({ message }) => element("li", {}, message)))]
    : [];
}

function lineList(lines, draw = () => null) {
  return element(
    "ul",
    { class: "lines" },
    lines.map((line) => element("li", {}, lineText(line), draw(line))),
  );
}

function lineText({ item, quantity, ordered }) {
  const isLess = quantity < ordered;
  return element(
    "p",
    { class: quantity ? "line" : "line gone" },
    element("span", {}, [item.name, item.variant].filter(Boolean).join(" "), ` × ${quantity}`, isLess && element("small", {}, say("ofOrdered", ordered))),
    element("span", { class: "amount" }, yenText(item.unitPrice.amount * quantity)),
  );
}

/** The lines, coupons, tax and points of a quote or an order. */
export function totalsOf({ lines, coupons, totals }, draw) {
  const row = (name, value, kind = "line") => element("p", { class: kind }, element("span", {}, name), element("span", { class: "amount" }, value));
  return [
    lineList(lines, draw),
    ...coupons.map(({ name, discount }) => row(say("coupon", name), `−${yenText(discount.amount)}`, "line less")),
    row(say("total"), yenText(totals.total.amount), "line total"),
    ...totals.taxes.map(({ percent, tax }) => row(say("taxIn", percent), yenText(tax.amount), "line soft")),
    totals.pointsUsed > 0 && row(say("pointsUsed"), `−${numberText(totals.pointsUsed)}`, "line less"),
    row(say("toPay"), yenText(totals.toPay.amount), "line pay"),
    totals.pointsToEarn > 0 && element("p", { class: "soft" }, say("earns", numberText(totals.pointsToEarn))),
  ].filter(Boolean);
}
