/** Where to pick up: stores that take orders, the nearest first when she lets us know where she is. */

import { element } from "/assets/client/dom.js";
import { chooseStore } from "/assets/app/basket.js";
import { client } from "/assets/app/client.js";
import { failureText, notify } from "/assets/app/notices.js";
import { go } from "/assets/app/pages.js";
import { distanceText, knownPoint, Nowhere, whereabouts } from "/assets/app/whereabouts.js";
import { say } from "/assets/app/shop.words.js";
import { dayText, timeText } from "/assets/app/words.js";

const RADIUS_METERS = 2_000_000;
const AT_ONCE = 30;

export async function openStores(page) {
  page.title(say("whereToPickUp"));
  const list = element("ul", { class: "rows" });
  const failure = element("p", { class: "failure", role: "alert" });
  const byPlace = async () => {
    failure.textContent = "";
    try {
      const { latitude, longitude } = await whereabouts();
      await show(list, { latitude, longitude });
    } catch (error) {
      failure.textContent = error instanceof Nowhere ? say(error.isForbidden ? "placeForbidden" : "placeUnknown") : failureText(error);
    }
  };
  page.root.replaceChildren(
    element("button", { type: "button", onclick: byPlace }, say("nearestFirst")),
    failure,
    list,
  );
  await show(list, await knownPoint());
}

async function show(list, near) {
  const { nodes } = await client.run("nearby_stores", { near, radiusMeters: RADIUS_METERS, services: ["PICKUP"], first: AT_ONCE });
  list.replaceChildren(...nodes.map(row));
}

function row({ id, name, address, distanceMeters, isOpen, opensNext }) {
  const choose = async () => {
    try {
      const { lines } = await chooseStore(id);
      lines.length ? go("order", "checkout") : go("order");
    } catch (error) {
      notify(failureText(error), "failed");
    }
  };
  const opening = isOpen ? say("open") : opensNext ? say("opens", dayText(opensNext), timeText(opensNext)) : say("closed");
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button", class: "row", onclick: choose },
      element("b", {}, name),
      element("span", { class: "soft" }, [distanceMeters !== null && distanceText(distanceMeters), opening].filter(Boolean).join(" · ")),
      element("span", { class: "soft" }, address.text),
    ),
  );
}
