/** The member's coupons, those that were used too, and taking one by a code. */

import { element } from "/assets/client/dom.js";
import { Refused } from "/assets/client/tsunagu.js";
import { client } from "/assets/app/client.js";
import { field, formOf, growingList } from "/assets/app/lists.js";
import { failureText, notify } from "/assets/app/notices.js";
import { dateText, say } from "/assets/app/words.js";

const WISH = "claim_offer";

export async function coupons(page) {
  await claimAgain();
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
    claimSection(page),
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

function claimSection(page) {
  const code = field(say("couponCode"), { name: "code", maxlength: 40, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const take = async ({ code: typed }) => {
    await claim({ code: typed.normalize("NFKC").trim() });
    await page.again();
  };
  return element("section", { class: "panel" }, formOf([code], say("takeCoupon"), take));
}

/** Takes the coupon once; one that was asked for before and got no answer goes first. */
async function claim(input) {
  const { coupon } = await client.act(WISH, input);
  notify(say("couponTaken", coupon.offer.name), "done");
}

async function claimAgain() {
  try {
    await (client.unanswered(WISH) && claim({}));
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    notify(failureText(error), "failed");
  }
}
