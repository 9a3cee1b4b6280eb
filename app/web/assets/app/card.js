/** The living card: QR code and barcode of the code of this moment, drawn anew when it rotates. */

import { element } from "/assets/client/dom.js";
import { barcodePicture } from "/assets/app/barcode.js";
import { codeNow } from "/assets/app/card_code.js";
import { client } from "/assets/app/client.js";
import { qrPicture } from "/assets/app/qr.js";
import { say } from "/assets/app/words.js";

const TICK_MILLISECONDS = 500;

/** The card's code, which lives while the page is open; `update` looks at once whether there is another one. */
export function livingCode(page) {
  const pictures = element("div", { class: "pictures" });
  const left = element("progress", { max: 1, value: 1, "aria-label": say("codeLeft") });
  const figure = element("div", { class: "living", "aria-busy": "true" }, pictures, left);
  let shown = null;
  let isAsking = false;

  async function update() {
    if (!isAsking && (shown === null || client.now() >= shown.endsAt)) {
      isAsking = true;
      show(await currentCode());
      isAsking = false;
    }
    if (shown?.code) {
      left.value = (shown.endsAt - client.now()) / shown.period;
    }
  }

  function show(next) {
    if (next.code !== shown?.code || !next.code) {
      pictures.replaceChildren(...(next.code ? picturesOf(next.code) : [element("p", {}, say("noCode"))]));
    }
    shown = next;
    figure.toggleAttribute("aria-busy", false);
    left.hidden = !next.code;
  }

  const timer = setInterval(() => document.hidden || update(), TICK_MILLISECONDS);
  page.whenClosed(() => clearInterval(timer));
  update();
  return { figure, update: () => { shown = shown?.code ? shown : null; return update(); } };
}

function picturesOf(code) {
  return [qrPicture(code, say("qrOfCard")), barcodePicture(code, say("barcodeOfCard"))];
}

/** The code that the phone draws by itself; where it has no secret to draw it from, the server's. */
async function currentCode() {
  const drawn = await codeNow();
  if (drawn) {
    return drawn;
  }
  try {
    const { card } = await client.run("my_card_code");
    const { currentCode: code, expiresAt, periodSeconds } = card.code;
    return { code, endsAt: Date.parse(expiresAt), period: periodSeconds * 1_000 };
  } catch {
    return { code: null, endsAt: client.now() + 5_000 }; // asked for again soon
  }
}
