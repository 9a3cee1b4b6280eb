/** What the member did, across all channels: purchases, orders and check-ins, the newest first. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { growingList } from "/assets/app/lists.js";
import { addressOf } from "/assets/app/pages.js";
import { VIEWS } from "/assets/app/views.js";
import { dateText, numberText, say, timeText, yenText } from "/assets/app/words.js";

const COLLECTED = "COLLECTED"; // such an order is a purchase by now
const KINDS = [
  { field: "purchases", after: "purchasesAfter", include: "withPurchases", at: (each) => each.occurredAt, row: purchaseRow },
  { field: "orders", after: "ordersAfter", include: "withOrders", at: (each) => each.placedAt, row: orderRow },
  { field: "checkIns", after: "checkInsAfter", include: "withCheckIns", at: (each) => each.checkedInAt, row: checkInRow },
];

export async function history(page) {
  const reading = new Reading();
  const list = await growingList(() => reading.next(), ({ kind, thing }) => kind.row(thing), say("noHistory"));
  page.root.append(list);
}

/**
 * Three lists, each with pages of its own, as one. What is told is as old as the youngest end of a list that has
 * more: whatever comes later is older than that.
 */
class Reading {
  #cursors = Object.fromEntries(KINDS.map((kind) => [kind.field, null]));
  #waiting = [];

  async next() {
    const wanted = KINDS.filter((kind) => kind.field in this.#cursors);
    const asked = wanted.map((kind) => [kind.after, this.#cursors[kind.field]]);
    const included = KINDS.map((kind) => [kind.include, wanted.includes(kind)]);
    const me = wanted.length ? await client.run("my_history", Object.fromEntries([...asked, ...included])) : {};
    const ends = wanted.map((kind) => this.#take(kind, me[kind.field]));
    const horizon = ends.filter(Boolean).sort().at(-1) ?? "";
    const nodes = this.#waiting.filter(({ at }) => at >= horizon).sort((one, other) => (one.at > other.at ? -1 : 1));
    this.#waiting = this.#waiting.filter(({ at }) => at < horizon);
    return { nodes, pageInfo: { hasNextPage: horizon !== "", endCursor: null } };
  }

  /** Keeps what was read of one kind. Gives when its last one happened, if there are more. */
  #take(kind, { nodes, pageInfo }) {
    const news = nodes.filter((thing) => thing.state !== COLLECTED);
    this.#waiting.push(...news.map((thing) => ({ kind, thing, at: kind.at(thing) })));
    if (!pageInfo.hasNextPage) {
      delete this.#cursors[kind.field];
      return null;
    }
    this.#cursors[kind.field] = pageInfo.endCursor;
    return kind.at(nodes.at(-1));
  }
}

function purchaseRow({ channel, store, occurredAt, total, amountReturned, pointsEarned, pointsUsed }) {
  const told = [
    pointsEarned > 0 && say("earnedPoints", numberText(pointsEarned)),
    pointsUsed > 0 && say("usedPoints", numberText(pointsUsed)),
    amountReturned.amount > 0 && say("returned", yenText(amountReturned.amount)),
  ];
  return row(say("purchaseAt", store?.name ?? say(channel)), occurredAt, yenText(total.amount), say(channel), told);
}

function orderRow({ id, state, placedAt, store, totals }) {
  const drawn = row(say("orderAt", store?.name ?? ""), placedAt, yenText(totals.total.amount), say(state));
  return VIEWS.order ? element("a", { class: "plain", href: addressOf("order", id) }, drawn) : drawn;
}

function checkInRow({ checkedInAt, store, pointsAwarded }) {
  return row(say("visitTo", store?.name ?? ""), checkedInAt, say("plusPoints", numberText(pointsAwarded)), say("checkin"));
}

function row(title, moment, amount, tag, told = []) {
  const lines = told.filter(Boolean);
  return element(
    "div",
    { class: "fact" },
    element("h3", {}, title),
    element("p", { class: "amount" }, amount),
    element("p", { class: "soft" }, `${dateText(moment)} ${timeText(moment)}`),
    element("p", { class: "tag" }, tag),
    lines.length > 0 && element("p", { class: "soft whole" }, lines.join(" · ")),
  );
}
