/** Reads codes by the camera, where the browser has BarcodeDetector. */

import { element } from "/assets/client/dom.js";
import { openDialog } from "/assets/counter/dialogs.js";
import { say } from "/assets/counter/words.js";

const LOOK_EVERY_MILLISECONDS = 200;
const FORMATS = ["qr_code", "code_128"];

export function canReadByCamera() {
  return "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Shows what the camera sees until it has seen a code, and calls `read` with its text. */
export async function readByCamera(read) {
  const video = element("video", { muted: true, playsinline: true });
  const help = element("p", { role: "status" }, say("cameraHelp"));
  const close = { label: say("close"), kind: "plain", act() {} };
  const dialog = openDialog(say("camera"), [video, help], [close], { className: "camera" });
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    dialog.addEventListener("close", () => stop(stream));
    video.srcObject = stream;
    await video.play();
  } catch {
    help.textContent = say("cameraDenied");
    return;
  }
  if (!dialog.open) {
    stop(stream);
    return;
  }
  const text = await firstCode(video, dialog);
  if (text !== null) {
    dialog.close();
    read(text);
  }
}

async function firstCode(video, dialog) {
  const detector = new BarcodeDetector({ formats: FORMATS });
  while (dialog.open) {
    const [code] = await detector.detect(video).catch(() => []);
    if (code) {
      return code.rawValue;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MILLISECONDS));
  }
  return null;
}

function stop(stream) {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}
