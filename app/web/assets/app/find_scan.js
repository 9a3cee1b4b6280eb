/** Scans a JAN: by the camera where the browser has BarcodeDetector, and typed everywhere. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { failureText } from "/assets/app/notices.js";
import { addressOf } from "/assets/app/pages.js";
import { say } from "/assets/app/shop.words.js";

const LOOK_EVERY_MILLISECONDS = 200;
const JAN = /^[0-9]{8}([0-9]{5})?$/;

export async function openScan(page) {
  page.title(say("scan"));
  const failure = element("p", { class: "failure", role: "alert" });
  const input = element("input", { inputmode: "numeric", autocomplete: "off", maxlength: 20, id: "jan" });
  const submit = async (event) => {
    event.preventDefault();
    failure.textContent = "";
    try {
      failure.textContent = (await showProduct(page, digitsOf(input.value))) ? "" : say("unknownJan");
    } catch (error) {
      failure.textContent = failureText(error);
    }
  };
  const camera = element("section", { class: "camera" });
  page.root.replaceChildren(
    camera,
    element(
      "form",
      { class: "panel", onsubmit: submit },
      element("label", { class: "field" }, element("span", {}, say("jan")), input),
      failure,
      element("button", { type: "submit", class: "primary" }, say("showProduct")),
    ),
  );
  const found = await firstJan(page, camera);
  if (found && page.isOpen) {
    input.value = found;
    failure.textContent = (await showProduct(page, found)) ? "" : say("unknownJan");
  }
}

/** Goes to the product with this JAN; false if there is none. */
async function showProduct(page, jan) {
  if (!JAN.test(jan)) {
    return false;
  }
  const product = await client.run("product", { jan });
  if (product && page.isOpen) {
    location.replace(addressOf("find", "product", product.id)); // back leads past the camera
  }
  return Boolean(product);
}

/** Shows what the camera sees until that is a JAN; null without a camera, or when the view is left. */
async function firstJan(page, place) {
  if (!("BarcodeDetector" in globalThis) || !navigator.mediaDevices?.getUserMedia) {
    place.replaceChildren(element("p", { class: "soft" }, say("noCamera")));
    return null;
  }
  const video = element("video", { muted: true, playsinline: true, "aria-label": say("scan") });
  place.replaceChildren(video, element("p", { class: "soft", role: "status" }, say("scanHelp")));
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const stop = () => stream.getTracks().forEach((track) => track.stop());
    page.isOpen ? page.whenClosed(stop) : stop();
    video.srcObject = stream;
    await video.play();
  } catch {
    place.replaceChildren(element("p", { class: "soft" }, say("cameraDenied")));
    return null;
  }
  const detector = new BarcodeDetector({ formats: ["ean_13", "ean_8"] });
  while (page.isOpen) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code) {
      return code.rawValue;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MILLISECONDS));
  }
  return null;
}

/** The digits of what was typed, in full width too. */
function digitsOf(text) {
  return text.normalize("NFKC").replace(/[\s-]/g, "");
}
