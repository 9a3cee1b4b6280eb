/** A map picture, drawn from coordinates alone: the phone in the middle, the stores around it, north above. */

import { drawn } from "/assets/client/dom.js";

const [WIDTH, HEIGHT] = [350, 240];
const MARGIN = 26;
const METERS_OF_A_DEGREE = 111_320;
const RINGS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000];
const SHORTEST_RANGE = 150; // metres from the middle to the upper edge
const LONGEST_RANGE = 60_000;

/**
 * The stores, numbered as they come, around `here`; of those farther away than three times the third, only a
 * notch in the edge is seen. `ringText` writes a distance in metres.
 */
export function mapPicture(here, stores, label, ringText) {
  const range = rangeOf(stores);
  const pixels = (HEIGHT / 2 - MARGIN) / range; // of a metre
  const ring = RINGS.findLast((each) => each <= range) ?? RINGS[0];
  const rings = [ring, ring / 2].map((each) =>
    drawn("circle", { class: "ring", cx: WIDTH / 2, cy: HEIGHT / 2, r: each * pixels }));
  const pins = stores.map((store, at) => pin(placeOf(store.location, here, pixels), at + 1, store.isOpen));
  return drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "map" },
    rings,
    drawn("text", { class: "ring-text", x: WIDTH / 2 - ring * pixels - 5, y: HEIGHT / 2 + 4 }, ringText(ring)),
    drawn("circle", { class: "around-me", cx: WIDTH / 2, cy: HEIGHT / 2, r: Math.max(19, here.accuracyMeters * pixels) }),
    drawn("circle", { class: "me", cx: WIDTH / 2, cy: HEIGHT / 2, r: 6.5 }),
    pins.reverse(), // the nearest on top
  );
}

function rangeOf(stores) {
  const distances = stores.map((store) => store.distanceMeters);
  const near = distances.filter((each) => each <= 3 * (distances[2] ?? Infinity));
  return Math.min(Math.max(SHORTEST_RANGE, ...near), LONGEST_RANGE);
}

/** Where a place lies in the picture, at its edge if it is outside. */
function placeOf({ latitude, longitude }, here, pixels) {
  const narrower = Math.cos((here.latitude * Math.PI) / 180);
  const x = WIDTH / 2 + turned(longitude - here.longitude) * narrower * METERS_OF_A_DEGREE * pixels;
  const y = HEIGHT / 2 - (latitude - here.latitude) * METERS_OF_A_DEGREE * pixels;
  return [within(x, WIDTH), within(y, HEIGHT)];
}

function within(at, length) {
  return Math.min(Math.max(at, MARGIN / 2), length - MARGIN / 2);
}

/** Degrees of longitude, the shorter way around the world. */
function turned(degrees) {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

function pin([x, y], number, isOpen) {
  return drawn(
    "g",
    { class: isOpen ? "pin" : "pin closed", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
    drawn("circle", { r: 11 }),
    drawn("text", { y: 4.2 }, String(number)),
  );
}
