/** Code 128 (ISO/IEC 15417) of an even number of digits, in code set C, drawn as SVG. */

import { drawn } from "/assets/client/dom.js";

const START_C = 105;
const STOP = 106;
const QUIET = 10; // modules of white on both sides
const HEIGHT = 46;
// The widths of bars and gaps by symbol, six a symbol and one more for the stop.
const WIDTHS = (
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222" +
  "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321" +
  "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121" +
  "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224" +
  "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111" +
  "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113" +
  "1143114111134113111131411141313111414111312114122112142112322331112"
);

/** The barcode of these digits; `label` tells those who do not see it what it is. */
export function barcodePicture(digits, label) {
  let [x, path, isBar] = [QUIET, "", true];
  for (const width of symbolsOf(digits).map(widthsOf).join("")) {
    path += isBar ? `M${x} 0h${width}v${HEIGHT}h-${width}z` : "";
    x += Number(width);
    isBar = !isBar;
  }
  const [width, look] = [x + QUIET, { "shape-rendering": "crispEdges", preserveAspectRatio: "none" }];
  return drawn(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label, class: "barcode", ...look },
    drawn("rect", { width, height: HEIGHT, fill: "#fff" }),
    drawn("path", { d: path, fill: "#000" }),
  );
}

function symbolsOf(digits) {
  const pairs = digits.match(/../g).map(Number);
  const check = pairs.reduce((sum, pair, at) => sum + pair * (at + 1), START_C) % 103;
  return [START_C, ...pairs, check, STOP];
}

function widthsOf(symbol) {
  return symbol === STOP ? WIDTHS.slice(-7) : WIDTHS.slice(symbol * 6, symbol * 6 + 6);
}
