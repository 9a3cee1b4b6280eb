/** Check-in: the stores around, on a map and in a list; checking in, and what was earned by it. */

import { element, redraw } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { mapPicture } from "/assets/app/map.js";
import { failureText, notify } from "/assets/app/notices.js";
import { dateText, dayText, numberText, say, timeText } from "/assets/app/words.js";
import { distanceText, isAllowed, Nowhere, whereabouts } from "/assets/app/whereabouts.js";

const MAXIMUM_STORES = 8;
const RADIUS_METERS = 50_000;
const WISH = "check_in";
const DAY_MILLISECONDS = 86_400_000;

/** Asks for the phone's place only once its holder wants that, or has allowed it before. */
export async function open(page) {
  const result = element("div", { class: "result", tabindex: "-1" });
  const around = element("div", { class: "around" });
  page.root.append(result, around);
  if (client.unanswered(WISH)) {
    await checkIn(page, null); // nobody answered before the app was closed
  }
  if (await isAllowed()) {
    await showAround(page);
  } else {
    around.replaceChildren(invitation(page));
  }
}

function invitation(page, text = say("whyLocation")) {
  return element(
    "section",
    { class: "panel invitation" },
    element("p", {}, text),
    element("button", { type: "button", class: "primary", onclick: () => showAround(page) }, say("useLocation")),
  );
}

async function showAround(page) {
  const around = page.root.querySelector(".around");
  around.setAttribute("aria-busy", "true");
  try {
    const here = await whereabouts();
    const near = { latitude: here.latitude, longitude: here.longitude };
    const { nodes } = await client.run("nearby_stores", { near, radiusMeters: RADIUS_METERS, first: MAXIMUM_STORES });
    if (page.isOpen) {
      redraw(around, nodes.length ? pictureAndList(page, here, nodes) : nothingAround(page));
    }
  } catch (error) {
    const text = error instanceof Nowhere ? say(error.isForbidden ? "locationForbidden" : "locationUnknown") : failureText(error);
    redraw(around, invitation(page, text));
  }
  around.removeAttribute("aria-busy");
}

function nothingAround(page) {
  return invitation(page, say("noStores"));
}

function pictureAndList(page, here, stores) {
  const told = stores.map(({ name, distanceMeters }, at) => `${at + 1}. ${name} ${distanceText(distanceMeters)}`);
  const again = element("button", { type: "button", class: "quiet", "data-focus": "again", onclick: () => showAround(page) }, say("locateAgain"));
  return [
    mapPicture(here, stores, say("mapLabel", told.join(", ")), distanceText),
    element("div", { class: "heading" }, element("h2", {}, say("nearbyStores")), again),
    element("ol", { class: "rows stores" }, stores.map((store, at) => storeRow(page, store, at))),
  ];
}

function storeRow(page, store, at) {
  const isHere = store.distanceMeters <= store.checkInRadiusMeters;
  return element(
    "li",
    {},
    element("span", { class: "pin-number", "aria-hidden": "true" }, at + 1),
    element(
      "div",
      { class: "store" },
      element("h3", {}, store.name),
      element("p", { class: "soft" }, `${distanceText(store.distanceMeters)} · ${hoursText(store)}`),
    ),
    (isHere || at === 0) && checkInButton(page, store, isHere),
  );
}

function checkInButton(page, store, isHere) {
  const button = element("button", { type: "button", class: isHere ? "primary" : "", "aria-label": say("checkInAt", store.name) }, say("checkIn"));
  button.onclick = async () => {
    if (button.getAttribute("aria-disabled") !== "true") {
      button.setAttribute("aria-disabled", "true");
      const isDone = await checkIn(page, store);
      isDone ? button.replaceWith(element("span", { class: "tag good" }, say("checkedIn"))) : button.removeAttribute("aria-disabled");
    }
  };
  return button;
}

function hoursText({ isOpen, opensNext, timeZone }) {
  if (isOpen) {
    return say("openNow");
  }
  if (!opensNext) {
    return say("closedNow");
  }
  const isFar = Date.parse(opensNext) - client.now() > DAY_MILLISECONDS;
  return say("opensAt", `${isFar ? `${dayText(opensNext, timeZone)} ` : ""}${timeText(opensNext, timeZone)}`);
}

/** Checks in where the phone is now, and gives whether it did; without a store, asks what became of the last wish. */
async function checkIn(page, store) {
  try {
    const location = store && (await whereabouts());
    const done = await client.act(WISH, store && { storeId: store.id, location });
    show(page, "done", earned(done));
    return true;
  } catch (error) {
    const text = error instanceof Nowhere ? say(error.isForbidden ? "locationForbidden" : "locationUnknown") : failureText(error);
    show(page, "refused", [element("p", {}, text)]);
    return false;
  }
}

function earned({ checkIn: { store }, pointsAwarded, pointBalance, coupons }) {
  return [
    element("p", { class: "soft" }, say("checkedInAt", store?.name ?? "")),
    element("p", { class: "earned" }, element("b", {}, `+${numberText(pointsAwarded)}`), ` ${say("pointUnit")}`),
    element("p", { class: "soft" }, say("balanceNow", numberText(pointBalance))),
    coupons.map(({ offer, why, expiresAt }) =>
      element(
        "div",
        { class: "coupon" },
        element("h3", {}, say("couponCame", offer.name)),
        element("p", { class: "benefit" }, offer.benefit.text),
        offer.description && element("p", {}, offer.description),
        why.text && element("p", {}, say("why", why.text)),
        element("p", { class: "soft" }, say("until", dateText(expiresAt))),
      ),
    ),
  ];
}

function show(page, kind, content) {
  if (!page.isOpen) {
    notify(content.flat().map((each) => each.textContent).join(" "), kind === "done" ? "done" : "failed");
    return;
  }
  const result = page.root.querySelector(".result");
  result.replaceChildren(element("section", { class: `panel ${kind}`, role: kind === "done" ? "status" : "alert" }, content));
  result.focus();
}
