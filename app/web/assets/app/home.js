/** Home: the card, points and rank, coupons with their reasons, and news. */

import { element } from "/assets/client/dom.js";
import { client, storage } from "/assets/app/client.js";
import { dateText, numberText, say } from "/assets/app/words.js";

const KEPT = "app-home";

/** Draws what was known at the last visit at once, and then what is. */
export async function open(page) {
  page.title(document.body.dataset.retailer);
  const kept = storage.recall(KEPT);
  if (kept) {
    draw(page, kept);
  }
  const home = await client.run("home");
  storage.remember(KEPT, home);
  if (page.isOpen) {
    draw(page, home);
  }
}

function draw(page, { me, news }) {
  page.root.replaceChildren(
    cardSection(me),
    pointsSection(me),
    couponsSection(me.coupons.nodes),
    newsSection(news.nodes),
  );
}

function cardSection({ card, nickname }) {
  return element(
    "section",
    { class: "card", "aria-label": say("card") },
    element("p", { class: "rank" }, say(card.rank)),
    element("p", { class: "number" }, card.number.replace(/(.{4})(?=.)/g, "$1 ")),
    nickname && element("p", { class: "holder" }, say("holder", nickname)),
  );
}

function pointsSection({ points, card }) {
  const next = points.expiringNext;
  return element(
    "section",
    { class: "panel points", "aria-label": say("points") },
    element("p", { class: "balance" }, element("b", {}, numberText(points.balance)), ` ${say("pointUnit")}`),
    next && element("p", { class: "soft" }, say("expires", numberText(next.amount), dateText(next.expiresAt))),
    rankProgress(card),
  );
}

function rankProgress({ miles, milesToNextRank: missing, rank }) {
  if (missing === null) {
    return element("p", { class: "soft" }, say("highestRank"));
  }
  const progress = element("progress", { value: miles, max: miles + missing, "aria-label": say("rankProgress") });
  return [progress, element("p", { class: "soft" }, say("toNextRank", numberText(missing), say(nextOf(rank))))];
}

function nextOf(rank) {
  const ranks = ["MEMBER", "SILVER", "GOLD", "PLATINUM"];
  return ranks[ranks.indexOf(rank) + 1];
}

function couponsSection(coupons) {
  return listSection("coupons", "noCoupons", coupons, ({ offer, expiresAt, why }) => [
    element("h3", {}, offer.name),
    element("p", { class: "benefit" }, offer.benefit.text),
    why.text && element("p", { class: "why" }, say("why", why.text)),
    element("p", { class: "soft" }, say("until", dateText(expiresAt))),
  ]);
}

function newsSection(news) {
  return listSection("news", "noNews", news, ({ title, text, startsAt }) =>
    element(
      "details",
      {},
      element("summary", {}, element("h3", {}, title), element("p", { class: "soft" }, dateText(startsAt))),
      element("p", { class: "text" }, text),
    ),
  );
}

function listSection(heading, empty, things, draw) {
  return element(
    "section",
    { class: heading, "aria-labelledby": `${heading}-heading` },
    element("h2", { id: `${heading}-heading` }, say(heading)),
    things.length
      ? element("ul", { class: "rows" }, things.map((thing) => element("li", {}, draw(thing))))
      : element("p", { class: "soft" }, say(empty)),
  );
}
