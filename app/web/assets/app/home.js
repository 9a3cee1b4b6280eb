/** Home: the card, points and rank, coupons with their reasons, and news. */

import { element } from "/assets/client/dom.js";
import { Silence } from "/assets/client/tsunagu.js";
import { enlargeCard } from "/assets/app/big_card.js";
import { livingCode } from "/assets/app/card.js";
import { keepSecret, wantsSecret } from "/assets/app/card_code.js";
import { client, storage } from "/assets/app/client.js";
import { becomeMemberAgain, HOME } from "/assets/app/member.js";
import { failureText, notify } from "/assets/app/notices.js";
import { addressOf } from "/assets/app/pages.js";
import { dateText, numberText, say } from "/assets/app/words.js";

/** Draws what was known at the last visit at once, and then what is. */
export async function open(page) {
  page.title(document.body.dataset.retailer);
  const code = livingCode(page);
  const kept = storage.recall(HOME);
  if (kept) {
    draw(page, code, kept);
  }
  try {
    const home = await read();
    await code.update();
    if (page.isOpen) {
      draw(page, code, home);
    }
  } catch (error) {
    if (!kept || !(error instanceof Silence)) {
      throw error;
    }
    notify(failureText(error)); // the card is shown, and what was known is better than nothing
  }
}

/** Reads all of it at once, and keeps it for the next visit; the card's secret is kept apart. */
async function read(giveSecret = null) {
  const isWanted = giveSecret ?? (await wantsSecret());
  const home = await client.run("home", { giveSecret: isWanted });
  const { number, code } = home.me.card;
  if (code.secret) {
    await keepSecret(number, code);
  } else if (isWanted && home.me.isGuest && giveSecret === null) {
    await becomeMemberAgain(); // the answer that gave the secret was lost: another session has another one
    return read(true);
  }
  delete home.me.card.code;
  storage.remember(HOME, home);
  return home;
}

function draw(page, code, { me, news }) {
  const sections = [
    cardSection(page, me, code.figure),
    pointsSection(me),
    me.unreadMessages > 0 && unreadSection(me.unreadMessages),
    couponsSection(me.coupons.nodes),
    newsSection(news.nodes),
  ];
  page.root.replaceChildren(...sections.filter(Boolean));
}

function unreadSection(messages) {
  return element("a", { class: "panel unread", href: addressOf("me", "inbox") }, say("unreadMessages", messages));
}

/** A tap anywhere on the card enlarges it; the button is for those who do not tap. */
function cardSection(page, me, figure) {
  const { card, nickname } = me;
  return element(
    "section",
    { class: "card", "aria-label": say("card"), onclick: () => enlargeCard(page, me) },
    element("p", { class: "holder" }, element("b", {}, say(card.rank)), nickname && element("span", {}, say("holder", nickname))),
    figure,
    element("p", { class: "number" }, card.number.replace(/(.{4})(?=.)/g, "$1 ")),
    element("button", { type: "button", class: "enlarge" }, say("enlarge")),
  );
}

function pointsSection({ points, card }) {
  const next = points.expiringNext;
  return element(
    "section",
    { class: "panel points", "aria-label": say("points") },
    element("p", { class: "balance" }, element("b", {}, numberText(points.balance)), ` ${say("pointUnit")}`),
    points.pending > 0 && element("p", { class: "soft" }, say("pendingPoints", numberText(points.pending))),
    points.balance > 0 && next && element("p", { class: "soft" }, say("expires", numberText(next.amount), dateText(next.expiresAt))),
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
    offer.description && element("p", {}, offer.description),
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
