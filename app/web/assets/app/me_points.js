/** The member's points, entry by entry. */

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
