/** The member's points, entry by entry, and her coupons, those that were used too. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { growingList } from "/assets/app/lists.js";
import { dateText, numberText, say } from "/assets/app/words.js";

const SHOWN_LOTS = 3;

export async function points(page) {
  let account = null;
  const read = async (after) => {
    const me = await client.run("my_points", { after });
    account ??= me.points;
    return me.points.entries;
  };
  const list = await growingList(read, entryRow, say("noEntries"));
  page.root.append(balanceSection(account), element("section", {}, element("h2", {}, say("entries")), list));
}

function balanceSection({ balance, lots }) {
  return element(
    "section",
    { class: "panel points", "aria-label": say("points") },
    element("p", { class: "balance" }, element("b", {}, numberText(balance)), ` ${say("pointUnit")}`),
    lots.slice(0, SHOWN_LOTS).map(({ amount, expiresAt }) =>
      element("p", { class: "soft" }, say("expires", numberText(amount), dateText(expiresAt)))),
  );
}

function entryRow({ reason, store, amount, occurredAt, balanceAfter }) {
  const text = amount > 0 ? `+${numberText(amount)}` : numberText(amount);
  return element(
    "div",
    { class: "fact" },
    element("h3", {}, [reason, store?.name].filter(Boolean).join(" · ")),
    element("p", { class: amount > 0 ? "amount good" : "amount" }, text),
    element("p", { class: "soft" }, dateText(occurredAt)),
    element("p", { class: "soft amount" }, say("balanceAfter", numberText(balanceAfter))),
  );
}

export async function coupons(page) {
  const listOf = async (state, empty) => {
    const read = async (after) => (await client.run("my_coupons", { state, after })).coupons;
    return growingList(read, couponRow, empty);
  };
  const [usable, used] = await Promise.all([
    listOf(["ISSUED", "HELD"], say("noCoupons")),
    listOf(["REDEEMED"], say("noUsedCoupons")),
  ]);
  page.root.append(
    element("section", {}, element("h2", {}, say("usableCoupons")), usable),
    element("section", {}, element("h2", {}, say("usedCoupons")), used),
  );
}

function couponRow({ state, offer, why, expiresAt, usedAt, usedStore }) {
  const used = usedAt && say("usedAt", [dateText(usedAt), usedStore?.name].filter(Boolean).join(" · "));
  return [
    element("h3", {}, offer.name),
    element("p", { class: "benefit" }, offer.benefit.text),
    offer.description && element("p", { class: "soft" }, offer.description),
    why.text && element("p", { class: "why" }, say("why", why.text)),
    element("p", { class: "soft" }, used ?? say("until", dateText(expiresAt))),
    state === "HELD" && element("p", { class: "tag" }, say("heldByOrder")),
  ];
}
